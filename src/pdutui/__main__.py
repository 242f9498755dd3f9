"""`python -m pdutui`."""

from pdutui.cli.main import entry

if __name__ == "__main__":
    entry()
