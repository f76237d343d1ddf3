"""The names that other libraries use: albumentations 2, torchvision v2, Keras, imgaug, Augmentor, Roboflow,
timm and Kornia. Data only, read by `foreign`.

Values are shown for their form: the units of other libraries differ, so numbers are never carried over.
"""

from __future__ import annotations

OPERATIONS = """
flip: {axis: horizontal}
    HorizontalFlip Fliplr flip_left_right flip_lr mirror hflip
flip: {axis: vertical}
    VerticalFlip Flipud flip_top_bottom flip_ud vflip
sequence: [transpose: {p: 0.5}, rotate90]
    D4 SquareSymmetry
rotate: {degrees: [-45, 45], frame: expand}
    SafeRotate rotate_without_crop
rotate: {degrees: [-15, 15]}
    Rotation rotation_range rotate_image turn
rotate90
    RandomRotate90 Rot90 ninety rotate_90 rotate_random_90 rot_90
affine: {x: ["-6%", "6%"], y: ["-6%", "6%"], scale: [0.9, 1.1], degrees: [-45, 45]}
    ShiftScaleRotate
affine: {degrees: [-10, 10], scale: [0.9, 1.1]}
    AffineTransform RandomAffine
perspective
    PerspectiveTransform RandomPerspective skew skew_tilt skew_corner
shear: {x: [-10, 10]}
    ShearX shear_x
shear: {y: [-10, 10]}
    ShearY shear_y
shear: {x: [-10, 10]}
    shear_range
translate: {x: ["-10%", "10%"], y: ["-10%", "10%"]}
    Translation TranslateX TranslateY translate_x translate_y width_shift_range height_shift_range
    shift
scale: {factor: [0.9, 1.1]}
    RandomScale ScaleX ScaleY ScaleJitter
zoom: {factor: [1.0, 1.3]}
    zoom_range zoom_random RandomZoomIn
zoom: {factor: [0.7, 1.0]}
    RandomZoomOut zoom_out
resize: {longest: 640}
    LongestMaxSize resize_longest max_size
resize: {shortest: 256}
    SmallestMaxSize resize_shortest
resize: {width: 224, height: 224}
    Resizing resize_image stretch
pad: {min_width: 640, min_height: 640}
    PadIfNeeded PadToFixedSize CenterPadToFixedSize padding
letterbox: {width: 640, height: 640}
    LetterBox ResizeWithPad fit_within
crop: {width: 224, height: 224}
    CenterCrop CropToFixedSize CenterCropToFixedSize crop_centre center_crop
random_crop: {width: "80%", height: "80%"}
    CropByImageSize crop_by_size RandomCropFromBorders CropAndPad
random_resized_crop: {width: 224, height: 224}
    RandomSizedCrop RandomSizedBBoxSafeCrop RandomCropResize resized_crop inception_crop
brightness: {factor: [0.8, 1.2]}
    RandomBrightness brightness_range brighten darken AdjustBrightness MultiplyBrightness exposure
    gain
contrast: {factor: [0.8, 1.2]}
    RandomContrast LinearContrast AdjustContrast GammaContrastLinear
saturation: {factor: [0.8, 1.2]}
    RandomSaturation color AdjustSaturation MultiplySaturation colour
hue: {degrees: [-18, 18]}
    HueShift AddToHue AdjustHue random_hue hsv_h
color_jitter: {brightness: [0.8, 1.2], saturation: [0.8, 1.2], hue: [-18, 18], contrast: 1.0}
    HueSaturationValue AddToHueAndSaturation RandomHSV hsv
color_jitter: {brightness: [0.8, 1.2], contrast: [0.8, 1.2], saturation: 1.0, hue: 0}
    RandomBrightnessContrast BrightnessContrast
color_jitter: {brightness: [0.8, 1.2], contrast: [0.8, 1.2], saturation: [0.8, 1.2], hue: [-18, 18]}
    ColorJiggle colour_jitter PhotoMetricDistort RandomPhotometricDistort
gamma: {gamma: [0.8, 1.25]}
    RandomGamma GammaContrast AdjustGamma
clahe: {clip_limit: [1, 4]}
    CreateCLAHE AllChannelsCLAHE
equalize
    HistogramEqualization histeq AllChannelsHistogramEqualization
autocontrast
    auto_contrast
channel_shift: {red: [-0.08, 0.08], green: [-0.08, 0.08], blue: [-0.08, 0.08]}
    RGBShift ColorShift channel_shift_range AdditiveColorShift
channel_shuffle
    RandomChannelPermutation ChannelSwap PermuteChannels
grayscale
    ToGray RandomGrayscale Greyscale greyscale rgrayscale to_grayscale black_and_white
sepia
    ToSepia sepia_tone
invert
    InvertImg ColorInversion negative random_invert
posterize: {bits: 4}
    RandomPosterize UniformColorQuantizationToNBits
solarize: {threshold: 0.5}
    RandomSolarize Solarization
sharpen: {factor: [1, 2]}
    UnsharpMask AdjustSharpness RandomAdjustSharpness sharpness
temperature: {kelvin: [4500, 9000]}
    PlanckianJitter ChangeColorTemperature color_temperature white_balance
gaussian_noise: {std: [0.0, 0.06]}
    GaussNoise GaussianNoiseLayer AdditiveGaussianNoise noise add_noise RandomNoise
laplace_noise: {std: [0.0, 0.06]}
    AdditiveLaplaceNoise laplacian_noise
poisson_noise
    AdditivePoissonNoise ShotNoise photon_noise
speckle: {std: [0.0, 0.1]}
    MultiplicativeNoise MultiplyElementwise SpeckleNoise
salt_pepper: {amount: [0.0, 0.02]}
    SaltAndPepper SaltPepperNoise ImpulseNoise salt_and_pepper
iso_noise
    CameraNoise sensor_noise
uniform_noise
    AdditiveNoise AddElementwise UniformNoiseAdditive
gaussian_blur: {sigma: [0.1, 2.0]}
    GaussianBlurring GaussBlur RandomGaussianBlur AdvancedBlur StackBlur
box_blur
    Blur AverageBlur AveragingBlur mean_blur
median_blur
    MedianBlurring median_filter MedianFilter
motion_blur
    MotionBlurring camera_motion RandomMotionBlur
jpeg: {quality: [60, 95]}
    ImageCompression JpegCompression jpeg_quality RandomJPEG compression
downscale
    Downsample low_resolution
pixelate
    Pixelization Superpixels mosaic_blur
cutout
    CoarseDropout Cutout2D random_cutout hide_and_seek DropBlock
erase
    RandomErasing Erasing random_erase
grid_dropout
    GridMask GridDropoutMask
pixel_dropout
    Dropout Dropout2d CoarsePixelDropout
mixup: {alpha: 0.4}
    MixUpAugmentation RandomMixUp RandomMixUpV2 mix_up
cutmix: {alpha: 1.0}
    RandomCutMix RandomCutMixV2 cut_mix
mosaic
    RandomMosaic Mosaic4 mosaic_augmentation
blend: {alpha: 0.5}
    BlendAlpha overlay AlphaBlend
one_of: [flip, rotate90]
    OneOf RandomChoice OneOrOther choose_one
some_of: {n: 2, of: [flip, rotate90, grayscale]}
    SomeOf RandomApplyN OneOrMore
sequence: [flip, rotate90]
    Compose Sequential RandomApply sequentially pipeline
"""
"""A step to write, then, indented, the names that mean it. `normal` compares them, so spelling and `Random`
do not count.
"""

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
cutout: {num_holes: count, num_holes_range: count, n_holes: count, holes: count, max_holes: count,
  length: size, hole_height_range: size, hole_width_range: size}
pixel_dropout: {dropout_prob: amount, drop_value: fill}
grid_dropout: {unit_size: size, unit_size_range: size}
blend: {lam: alpha, lambda: alpha, ratio: alpha}
mixup: {mixup_alpha: alpha, beta: alpha, lam: alpha}
cutmix: {cutmix_alpha: alpha, beta: alpha, lam: alpha}
mosaic: {center_range: center, fit_mode: fit}
"""
"""Op (or "*") -> their parameter: ours. What the op does not have is never suggested."""

CANVAS = (
    *("border_mode", "padding_mode", "fill_mode", "border", "fill", "fill_value", "value", "cval"),
    *("fill_mask", "interpolation", "resample", "mask_interpolation", "mode"),
)
"""Parameters that other libraries have in each op and a recipe has once."""

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
    "dataset": "input: FOLDER",
    "source": "input: FOLDER",
    "input_dir": "input: FOLDER",
    "output_dir": "output: FOLDER",
    "destination": "output: FOLDER",
    "target": "output: FOLDER",
    "save_to_dir": "output: FOLDER",
    "keep_originals": "originals: keep",
    "include_originals": "originals: keep",
    "border_mode": "border: reflect",
    "padding_mode": "border: reflect",
    "fill_mode": "border: reflect",
    "cval": "fill: 0",
    "fill_value": "fill: 0",
    "resample": "interpolation: bilinear",
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
