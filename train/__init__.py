"""Training and evaluation; TRL stays behind `train.rl.bridge`."""
