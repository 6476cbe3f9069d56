import * as tf from '@tensorflow/tfjs';

const only = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => [inputs].flat()[0] as tf.Tensor;

/** Counts its calls in a variable of its own. */
class Counter extends tf.layers.Layer {
  static readonly className = 'Counter';
  private readonly calls = tf.variable(tf.scalar(0), false);
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      this.calls.assign(tf.add(this.calls, 1));
      return tf.mul(only(inputs), this.calls);
    });
  }
}

/** Writes to its trainable weight while it runs. */
class Drifting extends tf.layers.Layer {
  static readonly className = 'Drifting';
  private gain: tf.LayerVariable | undefined;
  override build(): void {
    this.gain = this.addWeight('gain', [1], 'float32', tf.initializers.ones());
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const gain = this.gain as tf.LayerVariable;
      gain.write(tf.add(gain.read(), 1));
      return tf.mul(only(inputs), gain.read());
    });
  }
}

/** Draws a sample of a normal distribution, in evaluation too: that of a variational autoencoder. */
class Sampling extends tf.layers.Layer {
  static readonly className = 'Sampling';
  override computeOutputShape(shapes: tf.Shape | tf.Shape[]): tf.Shape {
    return shapes[0] as tf.Shape;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [mean, logVariance] = inputs as [tf.Tensor, tf.Tensor];
    return tf.tidy(() =>
      tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), tf.randomNormal(mean.shape as [number]))),
    );
  }
}

/** Draws by a seed that it counts up, as the layers of tfjs that stretch images do. */
class Seeded extends tf.layers.Layer {
  static readonly className = 'Seeded';
  readonly randomGenerator = { seed: 3 };
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(only(inputs), tf.randomUniform([1], 0, 1, 'float32', this.randomGenerator.seed++)));
  }
}

for (const layer of [Counter, Drifting, Sampling, Seeded]) tf.serialization.registerClass(layer);

export const counter = (): tf.layers.Layer => new Counter({ name: 'counter' });
export const drifting = (): tf.layers.Layer => new Drifting({ name: 'drifting' });
export const sampling = (): tf.layers.Layer => new Sampling({ name: 'sampling' });
export const seeded = (): tf.layers.Layer => new Seeded({ name: 'seeded' });
