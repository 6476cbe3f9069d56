/** What the page shows, what to look at, and the formula. */
export function Intro({ noise }: { readonly noise: number }) {
  return (
    <header>
      <h1>SGD and SAM, side by side</h1>
      <p>
        Two copies of one small WideResNet start from the same weights and see the same batches of Fashion-MNIST. SGD
        steps along the gradient at <var>w</var>. SAM (Sharpness-Aware Minimization) steps along the gradient at{' '}
        <var>w</var> + <var>ε̂</var>, to first order the worst point of a small ball around <var>w</var>, and so prefers
        weights around which the loss is flat. It takes two gradients per step where SGD takes one.
      </p>
      <p class="look">
        <strong>What to look at:</strong>{' '}
        {noise > 0
          ? `${Math.round(100 * noise)} % of the training labels are wrong. Press Start and watch the test accuracy, which is counted with right labels: within a minute SGD begins to learn the wrong ones by heart and its accuracy falls, while SAM’s stays up.`
          : 'All training labels are right, so that both come to about the same accuracy: watch the sharpness, which SAM keeps smaller.'}
      </p>
      <p class="formula">
        <span>
          min<sub>w</sub> max<sub>‖ε‖ₚ ≤ ρ</sub> <var>L</var>(<var>w</var> + <var>ε</var>)
        </span>
        <span>
          <var>ε̂</var> = <var>ρ</var> · sign(<var>g</var>) |<var>g</var>|<sup>q−1</sup> / ‖<var>g</var>‖<sub>q</sub>
          <sup>q−1</sup>
        </span>
        <span>
          <var>g</var> = ∇<var>L</var>(<var>w</var>), 1/<var>p</var> + 1/<var>q</var> = 1
        </span>
      </p>
    </header>
  );
}
