"""What a person's client hears: every event of their gateway session, in order, and a way to wait for one."""

import asyncio
import json
import threading
import time

import aiohttp

PATIENCE = 60


class Ear:
    """A gateway session in a thread of its own. Times are seconds."""

    def __init__(self, url: str, token: str):
        self.url = f"ws{url.removeprefix('http')}/?v=10&encoding=json"
        self.token = token
        self.heard: list[tuple[str, dict]] = []
        self.more = threading.Condition()
        self.failure: Exception | None = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.until(0, "READY")

    def run(self) -> None:
        self.task = self.loop.create_task(self.listen())
        try:
            self.loop.run_until_complete(self.task)
        except asyncio.CancelledError:
            pass
        except Exception as failure:
            with self.more:
                self.failure = failure
                self.more.notify_all()
        finally:
            self.loop.close()

    async def listen(self) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(self.url, max_msg_size=0) as socket:
            hello = await socket.receive_json()
            beating = asyncio.create_task(self.beat(socket, hello["d"]["heartbeat_interval"] / 1000))
            identity = {"os": "linux", "browser": "conversation", "device": "conversation"}
            await socket.send_json({"op": 2, "d": {"token": self.token, "properties": identity}})
            try:
                async for frame in socket:
                    self.hear(json.loads(frame.data))
            finally:
                beating.cancel()

    async def beat(self, socket: aiohttp.ClientWebSocketResponse, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await socket.send_json({"op": 1, "d": len(self.heard)})

    def hear(self, frame: dict) -> None:
        if frame["op"] == 0:
            with self.more:
                self.heard.append((frame["t"], frame["d"]))
                self.more.notify_all()

    def now(self) -> int:
        """How much was heard so far: what is waited for from here on."""
        with self.more:
            return len(self.heard)

    def until(self, since: int, event: str | tuple[str, ...], matches=lambda data: True) -> dict:
        """The first such event that was heard after `since`, come already or still to come."""
        events = (event,) if isinstance(event, str) else event
        deadline = time.monotonic() + PATIENCE
        with self.more:
            while True:
                for name, data in self.heard[since:]:
                    if name in events and matches(data):
                        return data
                if self.failure or not self.more.wait(deadline - time.monotonic()):
                    said = [(name, data.get("content")) for name, data in self.heard[since:]]
                    raise AssertionError(f"never heard {event}; heard {said}") from self.failure

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join()
