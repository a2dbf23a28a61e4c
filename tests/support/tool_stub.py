#!/usr/bin/env python3
"""A tool that appends its arguments and its environment to a file, as one line of JSON.

    tool_stub.py FILE [ARGUMENT...]
"""
import json
import os
import sys

arguments = sys.argv[2:]
line = json.dumps({"arguments": arguments, "environment": dict(os.environ)}) + "\n"
# One write at the end of the file: calls run side by side.
handle = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.write(handle, line.encode())
os.close(handle)
print("done")
