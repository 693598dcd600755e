//! A small client of the Discord-shaped REST API, with connections kept alive.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Speaks for one token. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Api {
    http: Client<HttpConnector, Full<Bytes>>,
    base: Arc<str>,
    authorization: Arc<str>,
}

/// What was said to a request.
#[derive(Debug)]
pub struct Answer {
    /// How it went.
    pub status: StatusCode,
    /// What stands beside it.
    pub headers: HeaderMap,
    /// JSON; null where nothing was said.
    pub body: Value,
}

/// Why a request gave no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The node could not be reached, or broke off.
    #[error("{method} {path}: {cause}")]
    Transport { method: Method, path: String, cause: String },
    /// It said no.
    #[error("{method} {path}: {status}: {body}")]
    Refused { method: Method, path: String, status: StatusCode, body: Value },
}

impl Api {
    /// A client of the node at `base` (`http://HOST:PORT`) which shows `authorization` (`Bot TOKEN`, or a user's token bare).
    #[must_use]
    pub fn new(base: &str, authorization: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1024).build(connector);
        Self { http, base: base.trim_end_matches('/').into(), authorization: authorization.into() }
    }

    /// The same node, spoken to for somebody else.
    #[must_use]
    pub fn speaking_for(&self, authorization: &str) -> Self {
        Self { authorization: authorization.into(), ..self.clone() }
    }

    /// Where the node is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The `Authorization` header's value.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// Reads.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.call(Method::GET, path, None).await
    }

    /// Makes.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Makes, and reads of the answer only that it was done: who makes thousands must be light.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn make(&self, path: &str, body: &Bytes) -> Result<(), ApiError> {
        let (status, ..) = self.said(&Method::POST, path, body.clone()).await?;
        if status.is_success() {
            return Ok(());
        }
        self.until_heard(Method::POST, path, body.clone()).await.map(drop)
    }

    /// Makes, and gives what is said to it, whatever it is: a 429 is not waited out.
    ///
    /// # Errors
    /// [`ApiError::Transport`].
    pub async fn post_once(&self, path: &str, body: &Value) -> Result<Answer, ApiError> {
        self.ask(&Method::POST, path, Bytes::from(body.to_string())).await
    }

    /// Changes.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Puts in place.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn put(&self, path: &str) -> Result<Value, ApiError> {
        self.call(Method::PUT, path, None).await
    }

    /// Puts this in place.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn put_json(&self, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Takes away.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn delete(&self, path: &str) -> Result<Value, ApiError> {
        self.call(Method::DELETE, path, None).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ApiError> {
        self.until_heard(method, path, Bytes::from(body.map_or_else(String::new, Value::to_string))).await
    }

    /// Asks until the answer is not 429, at most [`PATIENCE`] times, waiting as long as the node says each time.
    async fn until_heard(&self, method: Method, path: &str, body: Bytes) -> Result<Value, ApiError> {
        for _ in 1..PATIENCE {
            let answer = self.once(&method, path, body.clone()).await;
            let Err(ApiError::Refused { status: StatusCode::TOO_MANY_REQUESTS, body: said, .. }) = &answer
            else {
                return answer;
            };
            let seconds = said["retry_after"].as_f64().unwrap_or(1.0).clamp(0.001, 60.0);
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
        self.once(&method, path, body).await
    }

    async fn once(&self, method: &Method, path: &str, body: Bytes) -> Result<Value, ApiError> {
        let Answer { status, body, .. } = self.ask(method, path, body).await?;
        if status.is_success() {
            return Ok(body);
        }
        Err(ApiError::Refused { method: method.clone(), path: path.to_owned(), status, body })
    }

    async fn ask(&self, method: &Method, path: &str, body: Bytes) -> Result<Answer, ApiError> {
        let (status, headers, bytes) = self.said(method, path, body).await?;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .map_err(|error| broken(method, path, format!("{status}, no JSON: {error}")))?,
        };
        Ok(Answer { status, headers, body })
    }

    /// What is said to a request, unread.
    async fn said(
        &self,
        method: &Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ApiError> {
        let broken = |cause| broken(method, path, cause);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v10{path}", self.base))
            .header(header::AUTHORIZATION, &*self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("DiscordBot (nexus-load, ", env!("CARGO_PKG_VERSION"), ")"))
            .body(Full::new(body))
            .map_err(|error| broken(error.to_string()))?;
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.http.request(request)).await;
        let answer =
            answer.map_err(|_| broken(String::from("no answer")))?.map_err(|error| broken(full(&error)))?;
        let (head, body) = answer.into_parts();
        let bytes = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let bytes = bytes.map_err(|error| broken(error.to_string()))?.to_bytes();
        Ok((head.status, head.headers, bytes))
    }
}

fn broken(method: &Method, path: &str, cause: String) -> ApiError {
    ApiError::Transport { method: method.clone(), path: path.to_owned(), cause }
}

/// An error with what caused it.
fn full(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A node that answers 429 this often in a row is not busy but broken.
const PATIENCE: usize = 100;
/// Longer than any node takes, even one with a full disk that is being opened anew.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const ANSWER_BYTES_MAX: usize = 64 << 20;
