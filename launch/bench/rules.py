"""The updates of one batch, from the equations of Rosenbaum (2022), in belief coordinates as there, for any library.

`ops` computes layers 1..L: forward(l, theta, v) gives the prediction and what its derivatives need; pull(l, theta,
saved, eps, to_input, to_theta) the transposed-Jacobian product and the gradient, each where it is wanted; loss(mu, y)
the loss and its derivative. Everything is unrolled, and what has not changed is not computed again. Gradients are None
where inference is too short for an error to arrive.
"""


def gradients(ops, setting, steps, theta, x, y):
    """The loss of the sweep, and gradients[l - 1] of layer l."""
    count = len(theta)
    v, saved = [x], [None]
    for l in range(1, count + 1):
        mu, kept = ops.forward(l, theta[l - 1], v[l - 1])
        v.append(mu)
        saved.append(kept)
    loss, top = ops.loss(v[count], y)
    if setting.algorithm == "exact":
        return loss, _exact(ops, theta, saved, top)
    if setting.algorithm == "fixed-prediction":
        eps = _fixed(ops, setting.eta, steps, theta, v, saved, top)
    else:
        eps = _strict(ops, setting.eta, steps, theta, v, saved, top, y)
    return loss, [None if eps[l] is None else ops.pull(l, theta[l - 1], saved[l], eps[l], False, True)[1]
                  for l in range(1, count + 1)]


def _exact(ops, theta, saved, eps):
    result = []
    for l in range(len(theta), 0, -1):
        eps, gradient = ops.pull(l, theta[l - 1], saved[l], eps, l > 1, True)
        result.insert(0, gradient)
    return result


def _moved(v, eta, eps, feedback):
    """v + eta (eps - feedback), where None is zero."""
    if eps is None:
        return v - eta * feedback
    if feedback is None:
        return v + eta * eps
    return v + eta * (eps - feedback)


def _fixed(ops, eta, steps, theta, vhat, saved, top):
    count = len(theta)
    v, eps, feedback = list(vhat), [None] * count + [top], [None] * (count + 1)
    fresh, moved = {count}, set()
    for step in range(1, steps + 1):
        for l in moved:
            eps[l] = vhat[l] - v[l]
        fresh |= moved
        if step == steps:
            break
        for l in range(1, count):
            if l + 1 in fresh:
                feedback[l] = ops.pull(l + 1, theta[l], saved[l + 1], eps[l + 1], True, False)[0]
        # At eta = 1 a belief that has taken its feedback stays, until the feedback changes.
        moved = {l for l in range(1, count) if feedback[l] is not None and (eta != 1 or l + 1 in fresh)}
        for l in moved:
            v[l] = _moved(v[l], eta, eps[l], feedback[l])
        fresh = set()
    return eps


def _strict(ops, eta, steps, theta, v, saved, top, y):
    """Leaves final beliefs in v, and in saved the layers at them."""
    count = len(theta)
    mu, eps, moved = list(v), [None] * count + [top], set()
    for _ in range(steps):
        for l in range(1, count + 1):
            if l - 1 in moved:
                mu[l], saved[l] = ops.forward(l, theta[l - 1], v[l - 1])
            if l < count and (l in moved or l - 1 in moved):
                eps[l] = mu[l] - v[l]
        if count - 1 in moved:
            eps[count] = ops.loss(mu[count], y)[1]
        feedback = {l: ops.pull(l + 1, theta[l], saved[l + 1], eps[l + 1], True, False)[0]
                    for l in range(1, count) if eps[l + 1] is not None}
        moved = {l for l in range(1, count) if l in feedback or eps[l] is not None}
        for l in moved:
            v[l] = _moved(v[l], eta, eps[l], feedback.get(l))
    for l in range(2, count + 1):
        if l - 1 in moved and eps[l] is not None:
            saved[l] = ops.forward(l, theta[l - 1], v[l - 1])[1]
    return eps
