"""How one PDU is reached. Every way of reaching one implements `pdutui.backends.base.Backend`."""
