//! One stream of frames, said and heard by hand.

use super::heard::Heard;
use super::transport::{Address, Transport};
use anyhow::{Context as _, Result, bail};
use futures_util::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use libp2p::Stream;
use nexus_core::sync::frame::{Frame, Have, Want};
use nexus_crdt::id::SpaceId;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// A stream to a program.
pub struct Line {
    /// This side's key.
    pub me: [u8; 32],
    /// The other's.
    pub peer: [u8; 32],
    /// Whatever is offered is wanted.
    pub wants_all: bool,
    to: WriteHalf<Stream>,
    frames: mpsc::UnboundedReceiver<Vec<u8>>,
    record: Arc<Mutex<Vec<u8>>>,
    /// Reads until the end; ends with it.
    _reader: JoinSet<()>,
    /// The sockets, where they are this line's alone.
    _own: Option<Transport>,
}

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(90);

impl Line {
    /// By QUIC.
    ///
    /// # Errors
    /// Where nobody is there.
    pub async fn open(transport: &Transport, to: &Address) -> Result<Self> {
        Ok(Self::over(transport.stream(to, true).await?, transport.key, to.key))
    }

    /// By QUIC, from sockets that are this line's alone.
    ///
    /// # Errors
    /// Where nobody is there.
    pub async fn by_its_own(transport: Transport, to: &Address) -> Result<Self> {
        let line = Self::open(&transport, to).await?;
        Ok(Self { _own: Some(transport), ..line })
    }

    /// Over a stream that there is.
    #[must_use]
    pub fn over(stream: Stream, me: [u8; 32], peer: [u8; 32]) -> Self {
        let (from, to) = stream.split();
        let (tx, frames) = mpsc::unbounded_channel();
        let record = Arc::new(Mutex::new(Vec::new()));
        let mut reader = JoinSet::new();
        reader.spawn(read(from, record.clone(), tx));
        Self { me, peer, wants_all: false, to, frames, record, _reader: reader, _own: None }
    }

    /// Says a frame.
    ///
    /// # Errors
    /// Where the line has ended.
    pub async fn say(&mut self, frame: &Frame) -> Result<()> {
        let bytes = frame.encode();
        let length = u32::try_from(bytes.len())?;
        self.say_bytes(&[&length.to_be_bytes()[..], &bytes].concat()).await
    }

    /// Says bytes, whatever they are.
    ///
    /// # Errors
    /// Where the line has ended, or the other does not read.
    pub async fn say_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let said = async {
            self.to.write_all(bytes).await?;
            self.to.flush().await
        };
        Ok(tokio::time::timeout(PATIENCE, said).await??)
    }

    /// The next frame, answered as an honest taker does; none at the end.
    ///
    /// # Errors
    /// Where nothing comes for a minute and a half.
    pub async fn hear(&mut self) -> Result<Option<Frame>> {
        let next = tokio::time::timeout(PATIENCE, self.frames.recv()).await.context("nothing is said")?;
        let Some(frame) = next.and_then(|bytes| Frame::decode(&bytes).ok().flatten()) else {
            return Ok(None);
        };
        // What was said before the end is still heard: whether an answer arrives does not matter.
        match &frame {
            Frame::Ops(ops) => {
                let at = ops.upto.map_or(0, |place| place.at);
                let _ = self.say(&Frame::Have(Have { space: ops.space, at })).await;
            }
            Frame::Offer(spaces) if self.wants_all => {
                for space in spaces {
                    let _ =
                        self.say(&Frame::Want(Want { space: *space, from: None, held: Vec::new() })).await;
                }
            }
            _ => {}
        }
        Ok(Some(frame))
    }

    /// Hears until the other takes a space up: a relay says Want, a node mostly Follow.
    ///
    /// # Errors
    /// Where the line ends before.
    pub async fn until_wanted(&mut self, space: &SpaceId) -> Result<()> {
        let takes = |frame: &Frame| match frame {
            Frame::Want(want) => want.space == *space,
            Frame::Follow(follow) => follow.space == *space,
            _ => false,
        };
        self.until(takes).await.map(drop)
    }

    /// Hears until a frame of that kind comes.
    ///
    /// # Errors
    /// Where the line ends before.
    pub async fn until(&mut self, which: impl Fn(&Frame) -> bool) -> Result<Frame> {
        loop {
            match self.hear().await? {
                Some(frame) if which(&frame) => return Ok(frame),
                Some(_) => {}
                None => bail!("the line has ended"),
            }
        }
    }

    /// Everything that is said until there is no more to say: a question about nothing is refused, and nothing was said
    /// between two refusals.
    ///
    /// # Errors
    /// Where the line ends before.
    pub async fn quiet(&mut self) -> Result<Heard> {
        let mut heard = Heard::default();
        loop {
            let nothing = SpaceId(rand::random());
            let before = heard.0.len();
            self.say(&Frame::Want(Want { space: nothing, from: None, held: Vec::new() })).await?;
            loop {
                match self.hear().await? {
                    Some(Frame::Refuse(refuse)) if refuse.space == nothing => break,
                    Some(frame) => heard.0.push(frame),
                    None => bail!("the line has ended"),
                }
            }
            if heard.0.len() == before {
                return Ok(heard);
            }
        }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Where it does not come while the other says nothing for a minute and a half.
    pub async fn ended(&mut self) -> Result<()> {
        while self.hear().await?.is_some() {}
        Ok(())
    }

    /// Every decrypted byte so far.
    #[must_use]
    pub fn record(&self) -> Vec<u8> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn read(mut from: ReadHalf<Stream>, record: Arc<Mutex<Vec<u8>>>, tx: mpsc::UnboundedSender<Vec<u8>>) {
    loop {
        let mut length = [0; 4];
        if from.read_exact(&mut length).await.is_err() {
            return;
        }
        let mut frame = vec![0; u32::from_be_bytes(length).min(FRAME_MAX) as usize];
        if from.read_exact(&mut frame).await.is_err() {
            return;
        }
        record.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&frame);
        // A sign of life is no frame.
        if !frame.is_empty() && tx.send(frame).is_err() {
            return;
        }
    }
}

/// Nobody sends more, liar or not.
const FRAME_MAX: u32 = 1 << 20;
