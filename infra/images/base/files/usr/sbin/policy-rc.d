#!/bin/sh
# Package scripts may start services where systemd runs. None runs while an image is built, nor on
# a machine that has a single program: there they are told no (101).
[ -d /run/systemd/system ] || exit 101
