"""The front door: all commands by what one wants to do, and what of the installation works."""
