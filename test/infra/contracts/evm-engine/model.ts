/**
 * The engine's rules once more, in whole numbers, written from their description: what an account is worth, what it must
 * have, and what each move does to everybody. One market's numbers are USD at 18 decimals, sizes 1e-18 units, money 1e-6 USD.
 */
type Rules = {
  readonly initialBps: bigint
  readonly maintenanceBps: bigint
  readonly penaltyBps: bigint
  readonly shareBps: bigint
  readonly closeBps: bigint
  readonly feeBps: bigint
  readonly small: bigint
}

type Holding = { size: bigint; cost: bigint; index: bigint }
type Holder = { cash: bigint; held: Map<string, Holding> }
type Refusal =
  | 'MarginTooLow'
  | 'NotLiquidatable'
  | 'SizeTooLarge'
  | 'InsuranceFundShort'
  | 'InsuranceFundPays'
  | 'NotBankrupt'
  | 'NotOpposite'
  | 'NotProfitable'
  | 'CounterpartyUnfit'
  | 'SameAccount'

export class Model {
  holders = new Map<string, Holder>()
  readonly price = new Map<string, bigint>()
  readonly index = new Map<string, bigint>()
  readonly rules: Rules
  insurance = 0n
  pool = 0n

  constructor(rules: Rules) {
    this.rules = rules
  }

  /** To try a move on. */
  copy(): Model {
    const copy = new Model(this.rules)
    for (const [name, { cash, held }] of this.holders) {
      const same = [...held].map(([market, holding]) => [market, { ...holding }] as const)
      copy.holders.set(name, { cash, held: new Map(same) })
    }
    for (const [market, price] of this.price) copy.price.set(market, price)
    for (const [market, index] of this.index) copy.index.set(market, index)
    copy.insurance = this.insurance
    copy.pool = this.pool
    return copy
  }

  /** What a tried move made of it. */
  become({ holders, insurance, pool }: Model): void {
    this.holders = holders
    this.insurance = insurance
    this.pool = pool
  }

  holder(name: string): Holder {
    const found = this.holders.get(name) ?? { cash: 0n, held: new Map<string, Holding>() }
    this.holders.set(name, found)
    return found
  }

  holding(name: string, market: string): Holding {
    return this.holder(name).held.get(market) ?? { size: 0n, cost: 0n, index: this.indexOf(market) }
  }

  worth(name: string) {
    const { cash, held } = this.holder(name)
    let value = cash
    let initial = 0n
    let maintenance = 0n
    for (const [market, holding] of held) {
      const worth = money(holding.size * this.priceOf(market))
      value += worth + this.due(market, holding)
      initial += portion(abs(worth), this.rules.initialBps)
      maintenance += portion(abs(worth), this.rules.maintenanceBps)
    }
    return { value, initial, maintenance }
  }

  deposit(name: string, amount: bigint): void {
    this.holder(name).cash += amount
  }

  withdraw(name: string, amount: bigint): Refusal | undefined {
    const { value, initial } = this.worth(name)
    if (value - amount < initial) return 'MarginTooLow'
    this.holder(name).cash -= amount
    return undefined
  }

  fund(market: string, rate: bigint): void {
    this.index.set(market, this.indexOf(market) + divDown(rate * this.priceOf(market), 10n ** 18n))
  }

  trade(deal: Deal): Refusal | undefined {
    const { buyer, seller, market, size, price } = deal
    if (buyer === seller) return 'SameAccount'
    const exact = size * price
    const [low, high] = [money(exact), -money(-exact)]
    const fee = portion(high, this.rules.feeBps)
    for (const [name, change, cash] of [
      [buyer, size, -high],
      [seller, -size, low],
    ] as const) {
      const before = { ...this.worth(name), size: this.holding(name, market).size }
      this.move(name, market, change, cash)
      this.holder(name).cash -= fee
      const after = this.worth(name)
      const now = before.size + change
      const smaller = abs(now) < abs(before.size) && now * before.size >= 0n
      if (after.value < after.initial && !(smaller && healthier(before, after)))
        return 'MarginTooLow'
    }
    this.insurance += high - low + 2n * fee
    return undefined
  }

  liquidate(by: string, name: string, market: string, size: bigint): Refusal | undefined {
    if (by === name) return 'SameAccount'
    const held = this.holding(name, market).size
    if (size > abs(held)) return 'SizeTooLarge'
    const before = this.worth(name)
    if (before.value >= before.maintenance) return 'NotLiquidatable'
    const whole = money(held * this.priceOf(market))
    const near = before.value * 2n >= before.maintenance && abs(whole) > this.rules.small
    if (near && size > portion(abs(held), this.rules.closeBps)) return 'SizeTooLarge'
    const { change, paid, keep } = this.part(name, market, size)
    const penalty =
      before.value > 0n ? min(portion(abs(paid), this.rules.penaltyBps), before.value - keep) : 0n
    const cover = before.value < 0n ? keep - before.value : 0n
    if (cover > this.insurance) return 'InsuranceFundShort'
    const reward = (penalty * this.rules.shareBps) / 10_000n
    this.move(name, market, change, paid)
    this.move(by, market, -change, -paid)
    this.holder(name).cash += cover - penalty
    this.holder(by).cash += reward
    this.insurance += penalty - reward - cover
    const after = this.worth(by)
    return after.value < after.initial ? 'MarginTooLow' : undefined
  }

  deleverage(name: string, other: string, market: string, size: bigint): Refusal | undefined {
    if (name === other) return 'SameAccount'
    const [held, theirs] = [this.holding(name, market), this.holding(other, market)]
    if (size > abs(held.size)) return 'SizeTooLarge'
    const before = this.worth(name)
    if (before.value >= 0n) return 'NotBankrupt'
    const { change, paid, keep } = this.part(name, market, size)
    const loss = keep - before.value
    if (loss <= this.insurance) return 'InsuranceFundPays'
    if (held.size * theirs.size >= 0n) return 'NotOpposite'
    if (size > abs(theirs.size)) return 'SizeTooLarge'
    if (money(theirs.size * this.priceOf(market)) <= theirs.cost) return 'NotProfitable'
    const otherBefore = this.worth(other)
    this.move(name, market, change, paid + loss)
    this.move(other, market, -change, -paid - loss)
    const otherAfter = this.worth(other)
    const fit = otherAfter.value >= otherAfter.maintenance || healthier(otherBefore, otherAfter)
    return fit ? undefined : 'CounterpartyUnfit'
  }

  /** What giving up a part changes: the size, the money at the mark, and the least value that must be left. */
  private part(name: string, market: string, size: bigint) {
    const { value, maintenance } = this.worth(name)
    const held = this.holding(name, market).size
    const change = held > 0n ? -size : size
    const price = this.priceOf(market)
    const [worth, worthAfter] = [money(held * price), money((held + change) * price)]
    const required = (amount: bigint) => portion(abs(amount), this.rules.maintenanceBps)
    const left = maintenance - required(worth) + required(worthAfter)
    const keep = maintenance === 0n ? 0n : divUp(value * left, maintenance)
    return { change, paid: worth - worthAfter, keep }
  }

  private move(name: string, market: string, change: bigint, cash: bigint): void {
    const holder = this.holder(name)
    const holding = this.holding(name, market)
    const due = this.due(market, holding)
    this.pool -= due
    holder.cash += due + cash
    const size = holding.size + change
    holder.held.delete(market)
    if (size === 0n) return
    const index = this.indexOf(market)
    holder.held.set(market, { size, cost: costOf(holding, change, cash), index })
  }

  private due(market: string, { size, index }: Holding): bigint {
    return money((index - this.indexOf(market)) * size)
  }

  private priceOf(market: string): bigint {
    return this.price.get(market) ?? 0n
  }

  private indexOf(market: string): bigint {
    return this.index.get(market) ?? 0n
  }
}

type Deal = {
  readonly buyer: string
  readonly seller: string
  readonly market: string
  readonly size: bigint
  readonly price: bigint
}

type Worth = { readonly value: bigint; readonly maintenance: bigint }

function healthier(before: Worth, after: Worth): boolean {
  if (after.maintenance > before.maintenance) return false
  if (after.maintenance === 0n) return after.value >= 0n
  return after.value >= divUp(before.value * after.maintenance, before.maintenance)
}

function costOf({ size, cost }: Holding, change: bigint, cash: bigint): bigint {
  const after = size + change
  if (size * change >= 0n) return cost - cash
  // Truncated: it only decides who may be deleveraged.
  return after * size > 0n ? (cost * after) / size : (-cash * after) / change
}

/** Of USD at 36 decimals, in 1e-6 USD, rounded down. */
function money(usd: bigint): bigint {
  return divDown(usd, 10n ** 30n)
}

function portion(amount: bigint, bps: bigint): bigint {
  return divUp(amount * bps, 10_000n)
}

function divDown(a: bigint, b: bigint): bigint {
  return (a - (((a % b) + b) % b)) / b
}

function divUp(a: bigint, b: bigint): bigint {
  return -divDown(-a, b)
}

function abs(a: bigint): bigint {
  return a < 0n ? -a : a
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
