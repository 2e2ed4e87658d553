"""Where picture files keep text: PNG chunks, EXIF and its kin, and the lowest bits of pixels."""
