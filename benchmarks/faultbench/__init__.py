"""The fault bench: what became of every row when a source, the network or a process misbehaved, as ids and bodies.

`lab` is one vendor's account with its connector and a warehouse; `scenarios` are the faults; `readers` are Cynosure and a
peer, put to the same faults against the same truth; `verdict` says what came of it.
"""
