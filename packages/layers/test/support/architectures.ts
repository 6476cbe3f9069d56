import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';

/** A model without dropout, some data, and how it is compiled. */
export type Architecture = {
  readonly name: string;
  readonly make: () => tf.LayersModel;
  readonly x: () => tf.Tensor | tf.Tensor[];
  readonly y: () => tf.Tensor | tf.Tensor[];
  readonly loss: tf.ModelCompileArgs['loss'];
  readonly metrics?: tf.ModelCompileArgs['metrics'];
  /** Whether it has no kinks. */
  readonly smooth?: true;
};

/** A custom layer with a weight of its own. */
class Affine extends tf.layers.Layer {
  static readonly className = 'Affine';
  private gain: tf.LayerVariable | undefined;
  override build(): void {
    this.gain = this.addWeight('gain', [1], 'float32', tf.initializers.ones());
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = [inputs].flat() as [tf.Tensor];
    return tf.tidy(() => tf.tanh(tf.mul(x, this.gain?.read() ?? 1)));
  }
}
tf.serialization.registerClass(Affine);

/** So many examples in each. */
const EXAMPLES = 6;

export const noise = (seed: number, ...shape: number[]): tf.Tensor => normal(key(seed), shape as [number]);
const classes = (count: number): tf.Tensor =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: EXAMPLES }, (_, i) => i % count),
      'int32',
    ),
    count,
  );
const tokens = (length: number, vocabulary: number): tf.Tensor =>
  tf.tensor(
    Array.from({ length: EXAMPLES * length }, (_, i) => (i * i + 3 * i) % vocabulary),
    [EXAMPLES, length],
    'int32',
  );
const bits = () => tf.tensor2d(Array.from({ length: EXAMPLES }, (_, i) => [i % 2]));

const { layers } = tf;
const { dense } = layers;

export const architectures: readonly Architecture[] = [
  {
    name: 'perceptron with regularizers',
    make: () =>
      tf.sequential({
        layers: [
          dense({ units: 4, activation: 'relu', inputShape: [3], kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) }),
          dense({ units: 3, activation: 'softmax', biasRegularizer: tf.regularizers.l1({ l1: 0.1 }) }),
        ],
      }),
    x: () => noise(1, EXAMPLES, 3),
    y: () => classes(3),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  },
  {
    name: 'linear regression',
    smooth: true,
    make: () => tf.sequential({ layers: [dense({ units: 1, inputShape: [3] })] }),
    x: () => noise(2, EXAMPLES, 3),
    y: () => noise(3, EXAMPLES, 1),
    loss: 'meanSquaredError',
    metrics: ['mae'],
  },
  {
    name: 'convolutional network with batch normalization',
    make: () =>
      tf.sequential({
        layers: [
          layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], activation: 'elu' }),
          layers.batchNormalization(),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.depthwiseConv2d({ kernelSize: 2, padding: 'same' }),
          layers.separableConv2d({ filters: 2, kernelSize: 2, activation: 'tanh' }),
          layers.flatten(),
          dense({ units: 2, activation: 'softmax' }),
        ],
      }),
    x: () => noise(4, EXAMPLES, 6, 6, 1),
    y: () => classes(2),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy', 'crossentropy'],
  },
  {
    name: 'residual network by the functional API',
    make: () => {
      const input = tf.input({ shape: [4, 4, 2] });
      const conv = () => layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', useBias: false });
      const normed = layers.batchNormalization().apply(conv().apply(input)) as tf.SymbolicTensor;
      const sum = layers.add().apply([input, layers.reLU().apply(normed) as tf.SymbolicTensor]);
      const pooled = layers.globalAveragePooling2d({}).apply(sum);
      return tf.model({ inputs: input, outputs: dense({ units: 3 }).apply(pooled) as tf.SymbolicTensor });
    },
    x: () => noise(5, EXAMPLES, 4, 4, 2),
    y: () => noise(6, EXAMPLES, 3),
    loss: 'meanAbsoluteError',
  },
  {
    name: 'several inputs and outputs',
    smooth: true,
    make: () => {
      const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [2] })];
      const both = layers.concatenate().apply([a, b]);
      const hidden = dense({ units: 4, activation: 'sigmoid', kernelRegularizer: 'l1l2' }).apply(both);
      const first = dense({ name: 'first', units: 2, activation: 'softmax' }).apply(hidden) as tf.SymbolicTensor;
      const second = dense({ name: 'second', units: 1 }).apply(hidden) as tf.SymbolicTensor;
      return tf.model({ inputs: [a, b], outputs: [first, second] });
    },
    x: () => [noise(7, EXAMPLES, 3), noise(8, EXAMPLES, 2)],
    y: () => [classes(2), noise(9, EXAMPLES, 1)],
    loss: ['categoricalCrossentropy', 'meanSquaredError'],
    metrics: { first: 'accuracy' },
  },
  {
    name: 'twins that share a layer and its statistics',
    smooth: true,
    make: () => {
      const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
      const [shared, norm] = [
        dense({ units: 2, activation: 'tanh', kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) }),
        layers.batchNormalization(),
      ];
      const branch = (x: tf.SymbolicTensor) => norm.apply(shared.apply(x)) as tf.SymbolicTensor;
      const product = layers.multiply().apply([branch(a), branch(b)]);
      return tf.model({ inputs: [a, b], outputs: dense({ units: 1 }).apply(product) as tf.SymbolicTensor });
    },
    x: () => [noise(19, EXAMPLES, 3), noise(20, EXAMPLES, 3)],
    y: () => noise(21, EXAMPLES, 1),
    loss: 'meanSquaredError',
  },
  {
    name: 'encoder and decoder with states and attention',
    smooth: true,
    make: () => {
      const [source, target] = [tf.input({ shape: [3, 2] }), tf.input({ shape: [2, 2] })];
      const lstm = (options: object) =>
        layers.lstm({ units: 2, returnSequences: true, recurrentActivation: 'sigmoid', ...options });
      const encoded = lstm({}).apply(source) as tf.SymbolicTensor;
      const state = layers.globalAveragePooling1d({}).apply(encoded) as tf.SymbolicTensor;
      const decoded = lstm({}).apply(target, { initialState: [state, state] }) as tf.SymbolicTensor;
      const scores = layers.dot({ axes: [2, 2] }).apply([decoded, encoded]);
      const attention = layers.activation({ activation: 'softmax' }).apply(scores) as tf.SymbolicTensor;
      const context = layers.dot({ axes: [2, 1] }).apply([attention, encoded]) as tf.SymbolicTensor;
      const both = layers.concatenate().apply([context, decoded]);
      const letters = layers.timeDistributed({ layer: dense({ units: 3, activation: 'softmax' }) }).apply(both);
      return tf.model({ inputs: [source, target], outputs: letters as tf.SymbolicTensor });
    },
    x: () => [noise(22, EXAMPLES, 3, 2), noise(23, EXAMPLES, 2, 2)],
    y: () => tf.oneHot(tokens(2, 3), 3),
    loss: 'categoricalCrossentropy',
  },
  {
    name: 'embedding with a mask and an LSTM',
    smooth: true,
    make: () =>
      tf.sequential({
        layers: [
          layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, maskZero: true }),
          layers.lstm({ units: 3 }),
          dense({ units: 1, activation: 'sigmoid' }),
        ],
      }),
    x: () => tokens(4, 7),
    y: bits,
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  },
  {
    name: 'sequence to sequence by GRUs',
    smooth: true,
    make: () =>
      tf.sequential({
        layers: [
          layers.gru({ units: 3, inputShape: [3, 2] }),
          layers.repeatVector({ n: 2 }),
          layers.gru({ units: 2, returnSequences: true }),
          layers.timeDistributed({ layer: dense({ units: 3, activation: 'softmax' }) }),
        ],
      }),
    x: () => noise(10, EXAMPLES, 3, 2),
    y: () => tf.oneHot(tokens(2, 3), 3),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  },
  {
    name: 'bidirectional and stacked recurrent cells',
    smooth: true,
    make: () =>
      tf.sequential({
        layers: [
          layers.bidirectional({
            layer: layers.simpleRNN({ units: 2, returnSequences: true }) as tf.RNN,
            mergeMode: 'concat',
            inputShape: [3, 2],
          } as Parameters<typeof layers.bidirectional>[0]),
          layers.rnn({ cell: [layers.lstmCell({ units: 2 }), layers.gruCell({ units: 2 })] }),
          dense({ units: 1 }),
        ],
      }),
    x: () => noise(11, EXAMPLES, 3, 2),
    y: () => noise(12, EXAMPLES, 1),
    loss: 'meanSquaredError',
  },
  {
    name: 'convolutional LSTM',
    smooth: true,
    make: () =>
      tf.sequential({
        layers: [
          layers.convLstm2d({
            filters: 1,
            kernelSize: 2,
            recurrentActivation: 'sigmoid',
            inputShape: [2, 4, 4, 1],
          }) as tf.layers.Layer,
          layers.flatten(),
          dense({ units: 1 }),
        ],
      }),
    x: () => noise(13, EXAMPLES, 2, 4, 4, 1),
    y: () => noise(14, EXAMPLES, 1),
    loss: 'logcosh',
  },
  {
    name: 'one-dimensional convolutions with layer normalization and sparse labels',
    make: () =>
      tf.sequential({
        layers: [
          layers.conv1d({ filters: 3, kernelSize: 2, inputShape: [5, 2], activation: 'selu' }),
          layers.layerNormalization({}),
          layers.averagePooling1d({ poolSize: 2 }),
          layers.globalMaxPooling1d({}),
          dense({ units: 3, activation: 'softmax' }),
        ],
      }),
    x: () => noise(15, EXAMPLES, 5, 2),
    y: () => tf.tensor1d(Array.from({ length: EXAMPLES }, (_, i) => i % 3)),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  },
  {
    name: 'a model in a model, partly frozen, with a custom layer',
    make: () => {
      const base = tf.sequential({
        layers: [dense({ name: 'frozen', units: 4, inputShape: [3], kernelRegularizer: 'l1l2' }), new Affine({})],
      });
      for (const layer of base.layers) if (layer.name === 'frozen') layer.trainable = false;
      return tf.sequential({ layers: [base, dense({ units: 2, activation: 'softmax' })] });
    },
    x: () => noise(16, EXAMPLES, 3),
    y: () => classes(2),
    loss: (targets: tf.Tensor, outputs: tf.Tensor) => tf.sum(tf.square(tf.sub(targets, outputs)), -1),
    metrics: [(targets: tf.Tensor, outputs: tf.Tensor) => tf.max(tf.abs(tf.sub(targets, outputs)), -1)],
  },
  {
    name: 'transposed and three-dimensional convolutions',
    make: () =>
      tf.sequential({
        layers: [
          layers.conv3d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 3, 1], activation: 'softplus' }),
          layers.reshape({ targetShape: [4, 2, 2] }),
          layers.conv2dTranspose({ filters: 1, kernelSize: 2, strides: 2 }),
          layers.upSampling2d({ size: [1, 2] }),
          layers.prelu({}),
          layers.flatten(),
          dense({ units: 1, activation: 'swish' }),
        ],
      }),
    x: () => noise(17, EXAMPLES, 3, 3, 3, 1),
    y: () => noise(18, EXAMPLES, 1),
    loss: 'meanSquaredError',
  },
];

/** Three models with the same weights. */
export function copiesOf(make: () => tf.LayersModel): readonly [tf.LayersModel, tf.LayersModel, tf.LayersModel] {
  const models = [make(), make(), make()] as const;
  for (const model of models)
    tf.dispose(
      model.predict(model.inputs.map(({ shape }) => tf.zeros([1, ...shape.slice(1).map((size) => size ?? 1)]))),
    );
  for (const model of models.slice(1)) model.setWeights(models[0].getWeights());
  return models;
}
