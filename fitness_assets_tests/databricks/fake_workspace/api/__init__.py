"""What each call of the workspace is answered with."""
