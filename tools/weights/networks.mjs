// Our side of the table in networks.py: the same names.
import {
  efficientNet,
  efficientNetNames,
  mlpMixer,
  mlpMixerNames,
  resNet,
  resNetNames,
  visionTransformer,
  visionTransformerNames,
} from '@steppe/models';

const efficient = (variant, like, classes = 1000) => {
  const options = { variant, classes, like };
  return { model: efficientNet(options), names: efficientNetNames(options) };
};
const transformer = (variant, library, { classes = 1000, patch = 16 } = {}) => {
  const options = { variant, classes, patch };
  return { model: visionTransformer(options), names: visionTransformerNames(options, library) };
};
const mixer = (variant, { classes = 1000, patch = 16 } = {}) => {
  const options = { variant, classes, patch };
  return { model: mlpMixer(options), names: mlpMixerNames(options) };
};
const residual = (depth) => ({ model: resNet({ depth, classes: 1000 }), names: resNetNames({ depth }) });

const tinyEfficient = { width: 0.1, depth: 0.1 };
const tinyTransformer = { features: 24, depth: 2, heads: 3 };
const tinyMixer = { features: 16, depth: 2, tokenFeatures: 8, channelFeatures: 32 };
const few = { classes: 5, patch: 4 };

export const networks = {
  'efficientnet-b0-torchvision': efficient('b0', 'torchvision'),
  'efficientnet-b5-torchvision': efficient('b5', 'torchvision'),
  'efficientnet-b0-timm': efficient('b0', 'timm'),
  'efficientnet-b0-tensorflow': efficient('b0', 'tensorflow'),
  'efficientnet-b7-tensorflow': efficient('b7', 'tensorflow'),
  'vit-tiny-timm': transformer('tiny', 'timm'),
  'vit-small-timm': transformer('small', 'timm'),
  'vit-base-torchvision': transformer('base', 'torchvision'),
  'mixer-base-timm': mixer('base'),
  'resnet-18-torchvision': residual(18),
  'resnet-34-torchvision': residual(34),
  'resnet-50-torchvision': residual(50),
  'resnet-50-timm': residual(50),
  'resnet-101-torchvision': residual(101),
  'resnet-152-torchvision': residual(152),
  'tiny-efficientnet-torchvision': efficient(tinyEfficient, 'torchvision', 5),
  'tiny-efficientnet-timm': efficient(tinyEfficient, 'timm', 5),
  'tiny-efficientnet-tensorflow': efficient(tinyEfficient, 'tensorflow', 5),
  'tiny-vit-timm': transformer(tinyTransformer, 'timm', few),
  'tiny-vit-torchvision': transformer(tinyTransformer, 'torchvision', few),
  'tiny-mixer-timm': mixer(tinyMixer, few),
};
