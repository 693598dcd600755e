"""Runs somebody's discord.py bot at another address. The bot stays as it is.

    NEXUS_URL=http://127.0.0.1:8081 python elsewhere.py redbot workshop --token ...
"""

import os
import runpy
import sys

import redirect

redirect.to(os.environ["NEXUS_URL"])
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
