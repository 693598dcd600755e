//! stub
pub mod gateway;
mod render;

use nexus_node::Node;
/// How the window is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The base URL to tell bots, without a slash at its end; none: as the request's Host says.
    pub public_url: Option<String>,
    /// Whether others than this machine may come.
    pub allow_remote: bool,
    /// The one-time key of the setup link, while the node has no owner.
    pub setup_key: Option<String>,
}
/// Serves.
pub async fn serve(
    _l: tokio::net::TcpListener,
    _n: Node,
    _o: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    shutdown.await;
    Ok(())
}
