"""Training and evaluation; TRL stays behind `train.bridge`."""
