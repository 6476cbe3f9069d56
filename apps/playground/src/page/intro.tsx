/** What the page shows, and the formula. */
export function Intro() {
  return (
    <header>
      <h1>SGD and SAM, side by side</h1>
      <p>
        Two copies of one small WideResNet start from the same weights and see the same batches of Fashion-MNIST. SGD
        steps along the gradient at <var>w</var>. SAM (Sharpness-Aware Minimization) steps along the gradient at{' '}
        <var>w</var> + <var>ε̂</var>, to first order the worst point of a small ball around <var>w</var>, and so prefers
        weights around which the loss is flat. It takes two gradients per step where SGD takes one.
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
