"""What a GPU that is to be had for a quarter of an hour can tell, as one prepared command."""
