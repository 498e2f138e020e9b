"""The public web becomes Pages."""
