"""The operations: one module per family, one class per op."""

from augcli.ops import affines as affines
from augcli.ops import blur as blur
from augcli.ops import channels as channels
from augcli.ops import clahe as clahe
from augcli.ops import copying as copying
from augcli.ops import crops as crops
from augcli.ops import curves as curves
from augcli.ops import digital as digital
from augcli.ops import erasing as erasing
from augcli.ops import exposures as exposures
from augcli.ops import frames as frames
from augcli.ops import histograms as histograms
from augcli.ops import mixing as mixing
from augcli.ops import noise as noise
from augcli.ops import sharpening as sharpening
from augcli.ops import turns as turns
