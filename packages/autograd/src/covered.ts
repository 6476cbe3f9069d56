/**
 * The operations whose second derivative is held against finite differences by this package's tests, by kernel name, or
 * by scope name (`logSoftmax__op`) for those that tfjs builds with `customGrad`.
 */
export const COVERED: ReadonlySet<string> = new Set(
  `
  Abs Acos Acosh Add AddN Asin Asinh Atan Atan2 Atanh AvgPool AvgPoolGrad BatchMatMul BatchToSpaceND Cast Ceil
  ClipByValue Concat Conv2D Conv2DBackpropFilter Conv2DBackpropInput Cos Cosh Cumsum DepthwiseConv2dNative
  DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Elu EluGrad Erf Exp ExpandDims Expm1 Floor
  FusedBatchNorm GatherV2 Identity LeakyRelu Log Log1p Max MaxPool MaxPoolGrad MaxPoolValues Maximum Mean Min
  Minimum MirrorPad Multiply Neg OnesLike Pack PadV2 Pow Prelu RealDiv Reciprocal Relu Relu6 Reshape Reverse Round
  Rsqrt Select Selu Sigmoid Sign Sin Sinh Slice Softmax Softplus SpaceToBatchND SplitV Sqrt Square SquaredDifference
  Step Sub Sum Tan Tanh Tile Transpose Unpack UnsortedSegmentSum ZerosLike fusedConv2d__op fusedDepthwiseConv2d__op
  logSigmoid__op logSoftmax__op
  `
    .trim()
    .split(/\s+/),
);
