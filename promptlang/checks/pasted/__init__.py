"""What people paste from other programs: told by what it looks like, and made statements of by a fix."""
