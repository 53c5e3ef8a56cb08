// What the page says of a set of samples: the same order statistics as the program's tables.
//
// The interval of a median is its bootstrap interval, computed instead of drawn: the median of n values that are drawn
// with replacement is one of them, and which one follows the binomial distribution. The program draws 1,000 times, so
// that the two differ by what drawing adds.

export function quantile(sorted, q) {
  if (sorted.length === 0) return NaN;
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

const ascending = (values) => Float64Array.from(values).sort();

export const median = (values) => quantile(ascending(values), 0.5);

function logarithms_of_factorials(n) {
  const all = [0];
  for (let i = 1; i <= n; ++i) all.push(all[i - 1] + Math.log(i));
  return all;
}

const ranks = new Map();

/// For n values: for each k from 1 to n the probability that the j-th least of n drawn ones is at most the k-th least.
function order_distribution(n, j) {
  const key = `${n}/${j}`;
  if (!ranks.has(key)) {
    const f = logarithms_of_factorials(n);
    const below = [];
    for (let k = 1; k <= n; ++k) {
      const p = k / n;
      let sum = 0;
      for (let i = j; i <= n; ++i) {
        const others = n - i === 0 ? 0 : (n - i) * Math.log1p(-p);
        sum += p === 1 && i < n ? 0 : Math.exp(f[n] - f[i] - f[n - i] + i * Math.log(p) + others);
      }
      below.push(Math.min(1, sum));
    }
    ranks.set(key, below);
  }
  return ranks.get(key);
}

/// The bootstrap distribution of the median, as its quantile function.
function median_distribution(sorted) {
  const n = sorted.length;
  const at = (j, u) => {
    const below = order_distribution(n, j);
    let k = below.findIndex((p) => p >= u);
    if (k < 0) k = n - 1;
    return sorted[k];
  };
  if (n % 2 === 1) return (u) => at((n + 1) / 2, u);
  return (u) => 0.5 * (at(n / 2, u) + at(n / 2 + 1, u));
}

/// n, median, 95 % interval, least value and median absolute deviation; null for no values.
export function estimate(values) {
  if (values.length === 0) return null;
  const sorted = ascending(values);
  const middle = quantile(sorted, 0.5);
  const of = median_distribution(sorted);
  return {
    n: sorted.length, median: middle, low: of(0.025), high: of(0.975), least: sorted[0],
    deviation: median(sorted.map((x) => Math.abs(x - middle)))
  };
}

/// The ratio of the medians of two sets that are no pairs, with its 95 % interval.
export function ratio_of_medians(above, below) {
  if (above.length === 0 || below.length === 0) return null;
  const a = ascending(above);
  const b = ascending(below);
  const [of_a, of_b] = [median_distribution(a), median_distribution(b)];
  let state = 1;
  const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 4294967296;
  const drawn = ascending(Array.from({ length: 1000 }, () => of_a(random()) / of_b(random())));
  return { n: Math.min(a.length, b.length), median: quantile(a, 0.5) / quantile(b, 0.5),
    low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}

/// The slope of log y over log x by least squares, and the line; null below two different x.
export function power_law(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]).filter(([x, y]) => isFinite(x) && isFinite(y));
  const mean = (i) => logs.reduce((sum, p) => sum + p[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const spread = logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  if (!(spread > 0)) return null;
  const slope = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / spread;
  return { slope, at: (x) => Math.exp(my + slope * (Math.log(x) - mx)) };
}
