"""Names that other libraries give to groups, parameters and keys, and what there is none of here.

albumentations 2, torchvision v2, Keras, imgaug, Augmentor, Roboflow, timm and Kornia. Data only, read by
`foreign`; their transforms are in `foreign_geometry`, `foreign_colour` and `foreign_pixels`.
"""

from __future__ import annotations

GROUPS: dict[str, tuple[str, float | None]] = {
    "oneof": ("one_of", 0.5),
    "randomchoice": ("one_of", None),
    "oneorother": ("one_of", 0.5),
    "chooseone": ("one_of", None),
    "someof": ("some_of", None),
    "randomapplyn": ("some_of", None),
    "oneormore": ("some_of", None),
    "compose": ("sequence", None),
    "sequential": ("sequence", 0.5),
    "randomapply": ("sequence", 0.5),
    "sometimes": ("sequence", 0.5),
    "sequentially": ("sequence", None),
}
"""Their group (plain form) -> ours, and the probability that holds there when none is given."""

_TRAINING = "it belongs into the training code; image files hold 8 or 16 bit values"
REFUSED = {
    "normalize": _TRAINING,
    "normalization": _TRAINING,
    "rescaling": _TRAINING,
    "rescale": _TRAINING,
    "totensor": _TRAINING,
    "totensorv2": _TRAINING,
    "toimage": _TRAINING,
    "todtype": _TRAINING,
    "tofloat": _TRAINING,
    "convertimagedtype": _TRAINING,
    "featurewisecenter": _TRAINING,
    "noop": "leave it out; p says how often the other steps happen",
    "identity": "leave it out; p says how often the other steps happen",
    "lambda": "a recipe holds no code",
    "fivecrop": "write `each_of` with five `crop` steps of different anchors",
    "tencrop": "write `each_of` with `crop` steps of different anchors, and `flip`",
    "validation_split": "write `holdout: {val: 20%}` below input:",
}

PARAMETERS = """
"*": {prob: p, probability: p, chance: p, always_apply: p, name: id, seed: id, classes: only, apply_to:
  only, weights: weight, fill_value: fill, value: fill, color: fill}
flip: {direction: axis, mode: axis, horizontal: axis, vertical: axis, code: axis}
rotate: {limit: degrees, angle: degrees, angles: degrees, angle_range: degrees, rotate: degrees,
  rotation: degrees, max_left_rotation: degrees, max_right_rotation: degrees, rotation_range: degrees,
  expand: frame, crop_border: frame}
affine: {rotate: degrees, rotation: degrees, angle: degrees, limit: degrees, rotate_limit: degrees,
  scale_limit: scale, zoom: scale, shear: shear_x, shift_limit_x: x, shift_limit_y: y,
  translate_percent: x, translate_px: x, shift_limit: x, translate: x, translate_x: x, translate_y: y}
shear: {shear_x: x, shear_y: y, degrees: x, shear: x, angle: x}
translate: {translate_x: x, translate_y: y, dx: x, dy: y, tx: x, ty: y, width_shift: x, height_shift: y,
  translate_percent: x}
scale: {scale: factor, limit: factor, scale_limit: factor, scale_range: factor, scale_x: x, scale_y: y}
zoom: {scale: factor, zoom_range: factor, height_factor: factor, limit: factor}
perspective: {distortion_scale: distortion, scale: distortion, magnitude: distortion, strength:
  distortion}
resize: {max_size: longest, longest_side: longest, shortest_side: shortest, size: width, w: width, h:
  height}
crop: {w: width, h: height, size: width, position: anchor}
random_crop: {w: width, h: height, size: width}
random_resized_crop: {scale: area, scale_range: area, size: width, w: width, h: height, aspect_ratio:
  ratio}
letterbox: {w: width, h: height, size: width}
pad: {w: min_width, h: min_height, width: min_width, height: min_height, size: min_width, padding: all,
  border_mode: border, padding_mode: border}
brightness: {limit: factor, brightness_limit: factor, brightness: factor, percent: factor, strength:
  factor}
contrast: {limit: factor, contrast_limit: factor, contrast: factor, strength: factor}
saturation: {limit: factor, saturation: factor, sat_shift_limit: factor, percent: factor, strength:
  factor}
hue: {hue: degrees, hue_shift_limit: degrees, limit: degrees, factor: degrees, angle: degrees}
color_jitter: {brightness_limit: brightness, contrast_limit: contrast, hue_shift_limit: hue,
  sat_shift_limit: saturation, hue_range: hue}
gamma: {gamma_limit: gamma, gamma_range: gamma, limit: gamma}
clahe: {tile_grid_size: tiles, tile_size: tiles, clip: clip_limit}
posterize: {num_bits: bits, nb_bits: bits}
solarize: {threshold_range: threshold, thresholds: threshold}
sharpen: {sharpness_factor: factor, alpha: factor, sharpness: factor, strength: factor}
autocontrast: {cutoff_percent: cutoff}
channel_shift: {r_shift_limit: red, g_shift_limit: green, b_shift_limit: blue, r: red, g: green, b:
  blue}
temperature: {temperature: kelvin, temperature_limit: kelvin}
gaussian_noise: {std_range: std, var_limit: std, variance: std, sigma: std, scale: std, stddev: std,
  mean_range: mean, percent: std}
laplace_noise: {scale: std, sigma: std}
speckle: {multiplier: std, sigma: std, scale: std}
salt_pepper: {percent: amount, salt_vs_pepper: salt, ratio: salt, density: amount}
gaussian_blur: {sigma_limit: sigma, radius: sigma, blur_limit: sigma, kernel_size: sigma, ksize: sigma,
  std: sigma, pixels: sigma}
box_blur: {blur_limit: radius, kernel_size: radius, ksize: radius, k: radius, pixels: radius, sigma:
  radius}
median_blur: {blur_limit: radius, kernel_size: radius, ksize: radius, k: radius, size: radius}
motion_blur: {blur_limit: length, kernel_size: length, k: length, ksize: length, angle_range: degrees,
  angle: degrees, direction: degrees}
jpeg: {quality_range: quality, quality_lower: quality, quality_upper: quality, compression: quality}
downscale: {scale: factor, scale_range: factor, scale_min: factor}
pixelate: {scale: factor, size: factor}
erase: {scale: area, sl: area, sh: area, aspect: ratio, value: fill}
cutout: {percent: size, num_holes: count, num_holes_range: count, n_holes: count, holes: count,
  max_holes: count, length: size, hole_height_range: size, hole_width_range: size}
pixel_dropout: {dropout_prob: amount, drop_value: fill}
grid_dropout: {unit_size: size, unit_size_range: size}
blend: {lam: alpha, lambda: alpha, ratio: alpha}
mixup: {mixup_alpha: alpha, beta: alpha, lam: alpha}
cutmix: {cutmix_alpha: alpha, beta: alpha, lam: alpha}
mosaic: {center_range: center, fit_mode: fit}
"""
"""Op (or "*") -> their parameter: ours. What the op does not have is never suggested."""

KEYS = {
    "transforms": "steps: [...]",
    "augmentations": "steps: [...]",
    "augment_steps": "steps: [...]",
    "pipeline": "steps: [...]",
    "operations": "steps: [...]",
    "preprocessing": "prepare: [...]",
    "random_seed": "seed: 7",
    "version": "augment: 1",
    "schema": "augment: 1",
    "num_copies": "copies: 4",
    "samples_per_image": "copies: 4",
    "multiplier": "copies: 4",
    "count": "copies: 4",
    "versions": "copies: 3",
    "images.versions": "copies: 3",
    "versions_per_image": "copies: 3",
    "copies_per_image": "copies: 3",
    "num_aug": "copies: 4",
    "dataset": "input: FOLDER",
    "source": "input: FOLDER",
    "input_dir": "input: FOLDER",
    "output_dir": "output: FOLDER",
    "destination": "output: FOLDER",
    "target": "output: FOLDER",
    "save_to_dir": "output: FOLDER",
    "keep_originals": "originals: keep",
    "include_originals": "originals: keep",
    "directory": "path: FOLDER",
    "dir": "path: FOLDER",
    "folder": "path: FOLDER",
    "root": "path: FOLDER",
    "labels_dir": "annotations: FOLDER",
    "validation_split": "holdout: {val: 20%}",
    "split": "holdout: {val: 20%}",
    "save_format": "format: jpeg",
    "jpeg_quality": "quality: 92",
    "encode_quality": "quality: 92",
    "compression": "level: 1",
    "max": "at_most: 10",
    "min": "at_least: 0",
    "balanced": "balance: max",
    "min_bbox_visibility": "min_visibility: 0.25",
}
"""Their key -> the line to write, used where the key is known at that place."""
