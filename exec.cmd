@rem npm runs scripts by cmd on Windows, which has no "exec"; see docs/decisions/0022-starting-and-stopping.md
@%*
