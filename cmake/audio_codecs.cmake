# Third-party audio codecs and the resampler, all static. Linked by peerwire_codec.
