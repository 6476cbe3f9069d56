/**
 * The operations whose second derivative is held against finite differences by this package's tests, by kernel name, or
 * by scope name (`logSoftmax__op`) for those that tfjs builds with `customGrad`.
 */
export const COVERED: ReadonlySet<string> = new Set(
  `
  Abs Acos Acosh Add AddN Asin Asinh Atan Atan2 Atanh AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad BatchMatMul
  BatchToSpaceND Cast Ceil ClipByValue Concat Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D
  Conv3DBackpropFilterV2 Conv3DBackpropInputV2 Cos Cosh Cumprod Cumsum DepthToSpace DepthwiseConv2dNative
  DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Diag Dilation2D Einsum Elu EluGrad Erf Exp ExpandDims
  Expm1 FlipLeftRight Floor FusedBatchNorm GatherNd GatherV2 Identity LeakyRelu Log Log1p Max MaxPool
  MaxPool3D MaxPool3DGrad MaxPoolGrad MaxPoolValues Maximum Mean Min Minimum MirrorPad Mod Multiply Neg OnesLike Pack
  PadV2 Pow Prelu Prod RealDiv Reciprocal Relu Relu6 Reshape ResizeBilinear ResizeNearestNeighbor Reverse Round Rsqrt
  ScatterNd Select Selu Sigmoid Sign Sin Sinh Slice Softmax Softplus SpaceToBatchND SplitV Sqrt Square
  SquaredDifference Step StridedSlice Sub Sum Tan Tanh TensorScatterUpdate Tile TopK Transpose Unpack
  UnsortedSegmentSum ZerosLike fusedConv2d__op fusedDepthwiseConv2d__op fusedMatMul__op logSigmoid__op logSoftmax__op
  `
    .trim()
    .split(/\s+/),
);
