"""What is measured of episodes, and with which certainty."""
