"""Points discord.py at a Nexus node. Import it before anything else of discord.py is used; the library stays as it is.

    import redirect
    redirect.to("http://127.0.0.1:8081")
"""

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


def to(node: str, gateway: str | None = None) -> None:
    """`node` is where the node listens; `gateway` where its gateway is reached, if elsewhere (a proxy)."""
    node = node.rstrip("/")
    Route.BASE = f"{node}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway or "ws" + node.removeprefix("http"))
