// starknet-perpetual's margin, liquidation and deleverage rules as views over a state that the caller tells, for tests alone. Written from
// the documented rules (docs: margin math, liquidate rules, interest; generations C and D), and where they name no order of checks, in that
// of the published source. Cairo's own integer types divide, truncate and overflow as the exchange's contract does. A refusal is an answer;
// numbers that leave their types panic, as there. Two of the exchange's texts are shorter here: a short string has 31 letters.

#[derive(Copy, Drop, Serde)]
struct Asset {
    /// 0 synthetic, 1 spot collateral, 2 vault share.
    asset_type: u8,
    /// 0 pending, 1 active, 2 inactive.
    status: u8,
    price: u64,
    funding_index: i64,
    risk_factors: Span<u16>,
    first_tier_boundary: u128,
    tier_size: u128,
}

#[derive(Copy, Drop, Serde)]
struct Holding {
    /// Its place among the assets told; one beyond their end is not listed.
    asset: u32,
    balance: i64,
    cached_funding_index: i64,
}

#[derive(Copy, Drop, Serde)]
struct Position {
    id: u32,
    collateral: i64,
    holdings: Span<Holding>,
    last_interest_time: u64,
}

#[derive(Copy, Drop, Serde)]
struct Margin {
    total_value: i128,
    total_risk: u128,
}

/// What `get_position_assets`, `get_position_tv_tr` and the three views of health answer.
#[derive(Copy, Drop, Serde)]
struct Standing {
    collateral: i64,
    margin: Margin,
    healthy: bool,
    liquidatable: bool,
    deleveragable: bool,
}

#[derive(Copy, Drop, Serde)]
struct Question {
    newest: bool,
    assets: Span<Asset>,
    position: Position,
}

#[derive(Copy, Drop, Serde)]
struct Change {
    newest: bool,
    before: Margin,
    after: Margin,
}

#[derive(Copy, Drop, Serde)]
struct Clock {
    now: u64,
    exchange_time: u64,
    last_update: u64,
    max_rate_per_sec: u32,
    divergence: i64,
}

#[derive(Copy, Drop, Serde)]
struct Order {
    position: u32,
    base: i64,
    quote: i64,
    quote_asset: felt252,
    fee: u64,
    fee_asset: felt252,
    expiration: u64,
}

#[derive(Copy, Drop, Serde)]
struct Liquidation {
    newest: bool,
    assets: Span<Asset>,
    clock: Clock,
    liquidated: Position,
    liquidator: Position,
    asset: u32,
    order: Order,
    filled: u64,
    base: i64,
    quote: i64,
    liquidator_fee: u64,
    liquidated_fee: u64,
    interest_liquidated: i64,
    interest_liquidator: i64,
}

/// `liquidate_spot_asset`: another one than the liquidator may get the asset.
#[derive(Copy, Drop, Serde)]
struct SpotLiquidation {
    call: Liquidation,
    receiver: Position,
    interest_receiver: i64,
}

#[derive(Copy, Drop, Serde)]
struct Deleverage {
    newest: bool,
    assets: Span<Asset>,
    clock: Clock,
    deleveraged: Position,
    deleverager: Position,
    asset: u32,
    base: i64,
    quote: i64,
    interest_deleveraged: i64,
    interest_deleverager: i64,
}

/// The positions as they are afterwards, or the word with which the contract refuses.
#[derive(Copy, Drop, Serde)]
enum Verdict {
    Accepted: Span<Position>,
    Refused: felt252,
}

#[starknet::interface]
trait ICoreRules<T> {
    fn standings(self: @T, questions: Span<Question>) -> Span<Standing>;
    fn healthier(self: @T, changes: Span<Change>) -> Span<bool>;
    fn liquidations(self: @T, calls: Span<Liquidation>) -> Span<Verdict>;
    fn spot_liquidations(self: @T, calls: Span<SpotLiquidation>) -> Span<Verdict>;
    fn deleverages(self: @T, calls: Span<Deleverage>) -> Span<Verdict>;
}

#[starknet::contract]
mod CoreRules {
    use core::integer::u128_wide_mul;
    use super::{
        Asset, Change, Clock, Deleverage, Holding, Liquidation, Margin, Order, Position, Question,
        SpotLiquidation, Standing, Verdict,
    };

    const SYNTHETIC: u8 = 0;
    const SPOT: u8 = 1;
    const VAULT_SHARE: u8 = 2;
    const ACTIVE: u8 = 1;
    const FEE_POSITION: u32 = 0;
    const INSURANCE_FUND: u32 = 1;
    const COLLATERAL_ID: felt252 = 1;
    const PRICE_SCALE: i128 = 0x10000000;
    const FUNDING_SCALE: u128 = 0x100000000;
    const RISK_SCALE: u128 = 1000;
    const MAX_TIME_AGE: u64 = 86400;
    const MAX_DIVERGENCE: u64 = 100000000000;

    #[storage]
    struct Storage {}

    #[abi(embed_v0)]
    impl CoreRulesImpl of super::ICoreRules<ContractState> {
        fn standings(self: @ContractState, questions: Span<Question>) -> Span<Standing> {
            let mut answers = array![];
            for question in questions {
                answers.append(standing(*question));
            };
            answers.span()
        }

        fn healthier(self: @ContractState, changes: Span<Change>) -> Span<bool> {
            let mut answers = array![];
            for change in changes {
                let Change { newest, before, after } = *change;
                answers.append(is_healthy_or_healthier(newest, before, after));
            };
            answers.span()
        }

        fn liquidations(self: @ContractState, calls: Span<Liquidation>) -> Span<Verdict> {
            let mut answers = array![];
            for call in calls {
                answers.append(verdict(liquidate(call)));
            };
            answers.span()
        }

        fn spot_liquidations(self: @ContractState, calls: Span<SpotLiquidation>) -> Span<Verdict> {
            let mut answers = array![];
            for call in calls {
                answers.append(verdict(liquidate_spot(call)));
            };
            answers.span()
        }

        fn deleverages(self: @ContractState, calls: Span<Deleverage>) -> Span<Verdict> {
            let mut answers = array![];
            for call in calls {
                answers.append(verdict(deleverage(call)));
            };
            answers.span()
        }
    }

    fn verdict(result: Result<Span<Position>, felt252>) -> Verdict {
        match result {
            Result::Ok(positions) => Verdict::Accepted(positions),
            Result::Err(reason) => Verdict::Refused(reason),
        }
    }

    fn standing(question: Question) -> Standing {
        let Question { newest, assets, position } = question;
        let collateral = provisional_collateral(assets, @position);
        let margin = margin_of(newest, assets, @position);
        let healthy = is_healthy(margin);
        let deleveragable = margin.total_value < 0;
        Standing { collateral, margin, healthy, liquidatable: !healthy, deleveragable }
    }

    // Margin.

    fn margin_of(newest: bool, assets: Span<Asset>, position: @Position) -> Margin {
        let mut total_value: i128 = provisional_collateral(assets, position).into();
        let mut total_risk: u128 = 0;
        for holding in *position
            .holdings {
                let asset = assets.at(*holding.asset);
                let value = value_of(*asset.price, *holding.balance);
                let risk = risk_of(asset, value);
                if newest && *asset.asset_type != SYNTHETIC {
                    total_value += value - risk.try_into().unwrap();
                } else {
                    total_value += value;
                    total_risk += risk;
                }
            };
        Margin { total_value, total_risk }
    }

    /// Cairo divides towards zero.
    fn value_of(price: u64, balance: i64) -> i128 {
        let wide: i128 = price.into();
        wide * balance.into() / PRICE_SCALE
    }

    fn risk_of(asset: @Asset, value: i128) -> u128 {
        let size = size_of(value);
        let factor: u128 = (*(*asset.risk_factors).at(tier_of(asset, size))).into();
        factor * size / RISK_SCALE
    }

    fn tier_of(asset: @Asset, size: u128) -> u32 {
        let boundary = *asset.first_tier_boundary;
        if size < boundary {
            return 0;
        }
        let last = (*asset.risk_factors).len() - 1;
        let tier = 1 + (size - boundary) / *asset.tier_size;
        if tier < last.into() {
            tier.try_into().unwrap()
        } else {
            last
        }
    }

    /// With the funding of every synthetic holding that is not settled yet.
    fn provisional_collateral(assets: Span<Asset>, position: @Position) -> i64 {
        let mut collateral = *position.collateral;
        for holding in *position
            .holdings {
                collateral += funding_due(assets.at(*holding.asset), holding);
            };
        collateral
    }

    /// Rounded down, holding by holding.
    fn funding_due(asset: @Asset, holding: @Holding) -> i64 {
        if *asset.asset_type != SYNTHETIC {
            return 0;
        }
        let index: i64 = *holding.cached_funding_index - *asset.funding_index;
        let wide: i128 = index.into();
        let product = wide * (*holding.balance).into();
        let size = size_of(product);
        let whole: i128 = (size / FUNDING_SCALE).try_into().unwrap();
        let due = if product >= 0 {
            whole
        } else if size % FUNDING_SCALE == 0 {
            -whole
        } else {
            -whole - 1
        };
        due.try_into().expect('Funding index mul overflow')
    }

    fn is_healthy(margin: Margin) -> bool {
        margin.total_value >= margin.total_risk.try_into().unwrap()
    }

    fn is_healthy_or_healthier(newest: bool, before: Margin, after: Margin) -> bool {
        if is_healthy(after) {
            return true;
        }
        if !newest {
            return before.total_risk != 0
                && after.total_risk != 0
                && after.total_risk < before.total_risk
                && keeps_ratio(before, after);
        }
        match (before.total_risk == 0, after.total_risk == 0) {
            (true, true) => after.total_value > before.total_value,
            // The contract panics over a ratio without risk: that is a refusal too.
            (true, false) => false,
            (false, true) => after.total_value >= before.total_value
                - before.total_risk.try_into().unwrap(),
            (false, false) => after.total_risk <= before.total_risk && keeps_ratio(before, after),
        }
    }

    fn keeps_ratio(before: Margin, after: Margin) -> bool {
        at_most(
            before.total_value, after.total_risk, after.total_value, before.total_risk,
        )
    }

    /// Nothing left without risk; else the ratio of before lies from one unit of value below the new one up to the new one.
    fn is_fair(before: Margin, after: Margin) -> bool {
        if after.total_risk == 0 {
            return after.total_value == 0;
        }
        at_most(after.total_value - 1, before.total_risk, before.total_value, after.total_risk)
            && at_most(before.total_value, after.total_risk, after.total_value, before.total_risk)
    }

    // Liquidation.

    fn liquidate(call: @Liquidation) -> Result<Span<Position>, felt252> {
        let Liquidation { newest, assets, liquidated, liquidator, asset: at, base, quote, .. } =
            *call;
        refuse_if(
            liquidated.id == INSURANCE_FUND || liquidator.id == INSURANCE_FUND,
            'CANT_LIQUIDATE_IF_POSITION',
        )?;
        let unknown = if newest {
            'ASSET_NOT_EXISTS'
        } else {
            'SYNTHETIC_NOT_EXISTS'
        };
        refuse_if(at >= assets.len(), unknown)?;
        let asset = assets.at(at);
        refuse_if(*asset.status != ACTIVE, 'SYNTHETIC_NOT_ACTIVE')?;
        refuse_if(liquidated.id == liquidator.id, 'INVALID_SAME_POSITIONS')?;
        check_orders(call, *call.order.quote_asset)?;
        let mut clock = *call.clock;
        take_interest(assets, ref clock, @liquidated, *call.interest_liquidated)?;
        take_interest(assets, ref clock, @liquidator, *call.interest_liquidator)?;
        check_shrinks(asset, balance_of(@liquidated, at), base, 'USE_LIQUIDATE_VAULT_SHARES')?;
        let (before, after, sold) = sell(call)?;
        check_healthier(newest, before, after)?;
        let paid = -quote - fee(*call.liquidator_fee) + *call.interest_liquidator;
        let bought = give(newest, assets, liquidator, (at, -base, paid))?;
        Result::Ok(array![sold, bought].span())
    }

    fn liquidate_spot(spot: @SpotLiquidation) -> Result<Span<Position>, felt252> {
        let SpotLiquidation { call, receiver, interest_receiver } = *spot;
        let Liquidation { newest, assets, liquidated, liquidator, asset: at, base, quote, .. } =
            call;
        let is_third = receiver.id != liquidator.id;
        refuse_if(at >= assets.len(), 'NO_SUCH_ASSET')?;
        let asset = assets.at(at);
        refuse_if(*asset.asset_type != SPOT, 'INVALID_ASSET_TYPE')?;
        refuse_if(receiver.id == INSURANCE_FUND, 'CANT_LIQUIDATE_IF_POSITION')?;
        refuse_if(receiver.id == FEE_POSITION, 'CANT_LIQUIDATE_WITH_FP')?;
        refuse_if(receiver.id == liquidated.id, 'INVALID_SAME_POSITIONS')?;
        refuse_if(
            liquidated.id == INSURANCE_FUND || liquidator.id == INSURANCE_FUND,
            'CANT_LIQUIDATE_IF_POSITION',
        )?;
        refuse_if(*asset.status != ACTIVE, 'SYNTHETIC_NOT_ACTIVE')?;
        refuse_if(liquidated.id == liquidator.id, 'INVALID_SAME_POSITIONS')?;
        check_orders(@call, COLLATERAL_ID)?;
        let mut clock = call.clock;
        take_interest(assets, ref clock, @liquidated, call.interest_liquidated)?;
        take_interest(assets, ref clock, @liquidator, call.interest_liquidator)?;
        if is_third {
            take_interest(assets, ref clock, @receiver, interest_receiver)?;
        }
        check_shrinks(asset, balance_of(@liquidated, at), base, 'USE_LIQUIDATE_VAULT_SHARES')?;
        let (before, after, sold) = sell(@call)?;
        check_healthier(newest, before, after)?;
        let paid = -quote - fee(call.liquidator_fee) + call.interest_liquidator;
        if !is_third {
            let bought = give(newest, assets, liquidator, (at, -base, paid))?;
            return Result::Ok(array![sold, bought].span());
        }
        let payer = give(newest, assets, liquidator, (at, 0, paid))?;
        let got = give(newest, assets, receiver, (at, -base, interest_receiver))?;
        Result::Ok(array![sold, payer, got].span())
    }

    /// What the liquidated position was, what it becomes, and how it looks then; refused where it is healthy.
    fn sell(call: @Liquidation) -> Result<(Margin, Margin, Position), felt252> {
        let Liquidation { newest, assets, liquidated, asset, base, quote, .. } = *call;
        let before = margin_of(newest, assets, @liquidated);
        refuse_if(is_healthy(before), 'POSITION_IS_NOT_LIQUIDATABLE')?;
        let got = quote - fee(*call.liquidated_fee) + *call.interest_liquidated;
        let next = exchanged(assets, @liquidated, (asset, base, got));
        Result::Ok((before, margin_of(newest, assets, @next), next))
    }

    /// The order that stands for the liquidated position's consent, then the liquidator's, then both together.
    fn check_orders(call: @Liquidation, collateral: felt252) -> Result<(), felt252> {
        let Liquidation { newest, clock, liquidated, order, filled, base, quote, .. } = *call;
        let settled = Order {
            position: liquidated.id,
            base,
            quote,
            fee: *call.liquidated_fee,
            expiration: clock.now,
            quote_asset: order.quote_asset,
            fee_asset: order.fee_asset,
        };
        // Before D both must be the collateral itself.
        let wanted = if newest {
            (collateral, 'QUOTE_ASSET_ID_NOT_COLLATERAL')
        } else {
            (COLLATERAL_ID, 'UOTE_ASSET_ID_NOT_COLLATERAL')
        };
        check_order(settled, clock.now, wanted)?;
        check_order(order, clock.now, wanted)?;
        refuse_if((quote < 0) == (order.quote < 0), 'INVALID_QUOTE_AMOUNT_SIGN')?;
        let allowed = size_of(order.quote.into());
        let actual = size_of(quote.into());
        refuse_if(
            !at_most(order.base.into(), actual, -base.into(), allowed),
            'ILLEGAL_BASE_TO_QUOTE_RATIO',
        )?;
        refuse_if(
            !at_most((*call.liquidator_fee).into(), allowed, order.fee.into(), actual),
            'ILLEGAL_FEE_TO_QUOTE_RATIO',
        )?;
        let used: u128 = filled.into() + size_of(base.into());
        refuse_if(used > size_of(order.base.into()), 'FULFILLMENT_EXCEEDED')
    }

    fn check_order(
        order: Order, now: u64, collateral: (felt252, felt252),
    ) -> Result<(), felt252> {
        let (wanted, not_collateral) = collateral;
        refuse_if(order.position == FEE_POSITION, 'CANT_TRADE_WITH_FEE_POSITION')?;
        refuse_if(size_of(order.quote.into()) <= order.fee.into(), 'INVALID_QUOTE_FEE_AMOUNT')?;
        refuse_if(order.base == 0 || order.quote == 0, 'INVALID_ZERO_AMOUNT')?;
        refuse_if(now > order.expiration, 'ORDER_EXPIRED')?;
        refuse_if((order.base < 0) == (order.quote < 0), 'INVALID_AMOUNT_SIGN')?;
        refuse_if(order.quote_asset != wanted || order.fee_asset != wanted, not_collateral)
    }

    // Deleverage.

    fn deleverage(call: @Deleverage) -> Result<Span<Position>, felt252> {
        let Deleverage { newest, assets, deleveraged, deleverager, asset: at, base, quote, .. } =
            *call;
        let unknown = if newest {
            'ASSET_NOT_EXISTS'
        } else {
            'NOT_SYNTHETIC'
        };
        refuse_if(at >= assets.len(), unknown)?;
        let asset = assets.at(at);
        let inactive = if newest {
            'INACTIVE_ASSET'
        } else {
            'SYNTHETIC_NOT_ACTIVE'
        };
        refuse_if(*asset.status != ACTIVE, inactive)?;
        refuse_if(deleveraged.id == deleverager.id, 'INVALID_SAME_POSITIONS')?;
        refuse_if(base == 0 || quote == 0, 'INVALID_ZERO_AMOUNT')?;
        refuse_if((base < 0) == (quote < 0), 'INVALID_AMOUNT_SIGN')?;
        let is_spot = *asset.asset_type == SPOT;
        let no_vault = 'NO_DELEVERAGE_VAULT_SHARES';
        check_shrinks(asset, balance_of(@deleveraged, at), base, no_vault)?;
        // Whoever takes over a spot asset needs none of it.
        if !is_spot {
            check_shrinks(asset, balance_of(@deleverager, at), -base, no_vault)?;
        }
        let mut clock = *call.clock;
        take_interest(assets, ref clock, @deleveraged, *call.interest_deleveraged)?;
        take_interest(assets, ref clock, @deleverager, *call.interest_deleverager)?;
        let before = margin_of(newest, assets, @deleveraged);
        refuse_if(before.total_value >= 0, 'POSITION_IS_NOT_DELEVERAGABLE')?;
        if is_spot {
            refuse_if(!holds_only_spot(assets, @deleveraged), 'SPOT_DELEV_NON_SPOT_ASSET')?;
        }
        let got = quote + *call.interest_deleveraged;
        let next = exchanged(assets, @deleveraged, (at, base, got));
        let after = margin_of(newest, assets, @next);
        check_healthier(newest, before, after)?;
        if is_spot {
            refuse_if(
                !is_fair_spot(assets, @deleveraged, at, got), 'NOT_FAIR_SPOT_DELEVERAGE',
            )?;
        } else {
            refuse_if(!is_fair(before, after), 'POSITION_IS_NOT_FAIR_DELEVERAGE')?;
        }
        let paid = -quote + *call.interest_deleverager;
        let theirs = give(newest, assets, deleverager, (at, -base, paid))?;
        Result::Ok(array![next, theirs].span())
    }

    fn holds_only_spot(assets: Span<Asset>, position: @Position) -> bool {
        let mut all = true;
        for holding in *position
            .holdings {
                if *assets.at(*holding.asset).asset_type != SPOT {
                    all = false;
                }
            };
        all
    }

    /// The whole holding's part of all, one unit of value more or less, is its part of the debt.
    fn is_fair_spot(assets: Span<Asset>, position: @Position, at: u32, got: i64) -> bool {
        let mut own: i128 = 0;
        let mut total: i128 = 0;
        for holding in *position
            .holdings {
                let asset = assets.at(*holding.asset);
                let value = value_of(*asset.price, *holding.balance);
                let worth = value - risk_of(asset, value).try_into().unwrap();
                total += worth;
                if *holding.asset == at {
                    own = worth;
                }
            };
        let collateral: i128 = (*position.collateral).into();
        if collateral >= 0 {
            return false;
        }
        let debt = size_of(collateral);
        if total < 0 {
            return at_most(own - 1, debt, -got.into(), size_of(total))
                && at_most(-got.into(), size_of(total), own + 1, debt);
        }
        at_most(own - 1, debt, got.into(), size_of(total))
            && at_most(got.into(), size_of(total), own + 1, debt)
    }

    // Both.

    /// A balance of zero counts as positive; spot is only ever sold, and vault shares have a call of their own.
    fn check_shrinks(
        asset: @Asset, balance: i64, amount: i64, vault_share: felt252,
    ) -> Result<(), felt252> {
        refuse_if(*asset.asset_type == VAULT_SHARE, vault_share)?;
        if *asset.asset_type == SPOT {
            refuse_if(amount >= 0, 'INVALID_AMOUNT_SIGN')?;
            return refuse_if(balance + amount < 0, 'INVALID_SHRINK_TO_NEGATIVE');
        }
        refuse_if((amount < 0) == (balance < 0), 'INVALID_AMOUNT_SIGN')?;
        refuse_if(size_of(amount.into()) > size_of(balance.into()), 'INVALID_BASE_CHANGE')
    }

    fn check_healthier(newest: bool, before: Margin, after: Margin) -> Result<(), felt252> {
        let may = is_healthy_or_healthier(newest, before, after);
        refuse_if(!may, 'NOT_HEALTHY_NOR_HEALTHIER')
    }

    /// The other side of an exchange, which must be healthy or healthier too.
    fn give(
        newest: bool, assets: Span<Asset>, position: Position, change: (u32, i64, i64),
    ) -> Result<Position, felt252> {
        let next = exchanged(assets, @position, change);
        let before = margin_of(newest, assets, @position);
        check_healthier(newest, before, margin_of(newest, assets, @next))?;
        Result::Ok(next)
    }

    /// What is touched settles its funding and takes the new index; what is empty is left out.
    fn exchanged(
        assets: Span<Asset>, position: @Position, change: (u32, i64, i64),
    ) -> Position {
        let (at, base, cash) = change;
        let index = *assets.at(at).funding_index;
        let mut collateral = *position.collateral;
        let mut balance = base;
        let mut holdings = array![];
        for holding in *position
            .holdings {
                if *holding.asset == at {
                    collateral += funding_due(assets.at(at), holding);
                    balance += *holding.balance;
                } else {
                    holdings.append(*holding);
                }
            };
        if balance != 0 {
            holdings.append(Holding { asset: at, balance, cached_funding_index: index });
        }
        Position {
            id: *position.id,
            collateral: collateral + cash,
            holdings: holdings.span(),
            last_interest_time: *position.last_interest_time,
        }
    }

    fn balance_of(position: @Position, at: u32) -> i64 {
        let mut balance = 0;
        for holding in *position
            .holdings {
                if *holding.asset == at {
                    balance = *holding.balance;
                }
            };
        balance
    }

    /// One position's interest within one call: what the exchange has paid in all moves on from one to the next.
    fn take_interest(
        assets: Span<Asset>, ref clock: Clock, position: @Position, amount: i64,
    ) -> Result<(), felt252> {
        if amount == 0 {
            return Result::Ok(());
        }
        refuse_if(clock.last_update < clock.now - MAX_TIME_AGE, 'TIMESTAMP_TOO_OLD')?;
        let last = *position.last_interest_time;
        refuse_if(last == 0, 'INVALID_INTEREST_RATE')?;
        let collateral = *position.collateral;
        refuse_if(collateral == 0, 'INVALID_INTEREST_RATE')?;
        refuse_if((collateral < 0) != (amount < 0), 'INTEREST_SIGN_MISMATCH')?;
        let wide = profit_of(assets, position);
        let narrow: Option<i64> = wide.try_into();
        refuse_if(narrow.is_none(), 'AMOUNT_OVERFLOW')?;
        let profit = size_of(wide);
        let seconds: u128 = (clock.exchange_time - last).into();
        let cap = profit * seconds * clock.max_rate_per_sec.into() / FUNDING_SCALE;
        refuse_if(size_of(amount.into()) > cap, 'INVALID_INTEREST_RATE')?;
        clock.divergence += amount;
        refuse_if(
            size_of(clock.divergence.into()) > MAX_DIVERGENCE.into(), 'Interest divergence',
        )
    }

    /// Collateral, funding and synthetics.
    fn profit_of(assets: Span<Asset>, position: @Position) -> i128 {
        let mut profit: i128 = provisional_collateral(assets, position).into();
        for holding in *position
            .holdings {
                let asset = assets.at(*holding.asset);
                if *asset.asset_type == SYNTHETIC {
                    profit += value_of(*asset.price, *holding.balance);
                }
            };
        profit
    }

    // Numbers.

    fn fee(amount: u64) -> i64 {
        amount.try_into().unwrap()
    }

    fn size_of(value: i128) -> u128 {
        if value < 0 {
            (-value).try_into().unwrap()
        } else {
            value.try_into().unwrap()
        }
    }

    /// Whether a · b ≤ c · d, in full width.
    fn at_most(a: i128, b: u128, c: i128, d: u128) -> bool {
        let left = wide_product(size_of(a), b);
        let right = wide_product(size_of(c), d);
        match (a < 0, c < 0) {
            (true, true) => left >= right,
            (true, false) => true,
            (false, true) => left == 0 && right == 0,
            (false, false) => left <= right,
        }
    }

    fn wide_product(a: u128, b: u128) -> u256 {
        let (high, low) = u128_wide_mul(a, b);
        u256 { low, high }
    }

    fn refuse_if(is_so: bool, reason: felt252) -> Result<(), felt252> {
        if is_so {
            Result::Err(reason)
        } else {
            Result::Ok(())
        }
    }
}
