"""The embedded data set: dialogues at a small order desk."""
