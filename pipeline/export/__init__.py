"""What leaves the archive: chosen documents in the formats that other tools open."""
