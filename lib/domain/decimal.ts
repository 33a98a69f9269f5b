import { Decimal as DecimalJs } from 'decimal.js'

/**
 * Exact decimals for money. 60 significant digits hold any price at 18 decimals times any size;
 * ties go to the even neighbour, so that no side is favoured (oracle feeds' usual rule).
 */
export const Decimal = DecimalJs.clone({
  precision: 60,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -60,
  toExpPos: 60,
})
export type Decimal = DecimalJs
