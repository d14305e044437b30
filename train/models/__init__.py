"""The models: architectures, tokenizers, profiles, and trained policies on disk."""
