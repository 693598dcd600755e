"""An authenticator, written apart from the relay: TOTP (RFC 6238), SHA-1, six digits, 30 s."""

import base64
import hashlib
import hmac
import struct
import time


class Authenticator:
    def __init__(self, secret: bytes):
        self.secret = secret
        self.shown = 0

    def base32(self) -> str:
        return base64.b32encode(self.secret).decode()

    def code(self) -> str:
        """A code that it has not shown before: the next step's where this one's was."""
        self.shown = max(self.shown + 1, int(time.time()) // 30)
        digest = hmac.new(self.secret, struct.pack(">Q", self.shown), hashlib.sha1).digest()
        at = digest[-1] & 15
        number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"
