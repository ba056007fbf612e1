# Third-party video codecs and libyuv, all static. Linked by peerwire_codec and peerwire_frame.
