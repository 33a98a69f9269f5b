// The part of the perpetual core that Starkeep calls: ticks, nonces, roles, pause, the oracle and asset registry, and their views and events.
// Written from the documented rules of starknet-perpetual (docs/spec.md: price tick, funding tick, operator nonce, assets), generation D.
// One account, the governor, holds every role but OPERATOR. There are no positions, so nothing here can be liquidated.
use starknet::ContractAddress;

#[derive(Copy, Drop, Serde)]
struct SignedPrice {
    signature: Span<felt252>,
    signer_public_key: felt252,
    timestamp: u32,
    oracle_price: u128,
}

#[derive(Copy, Drop, Serde)]
struct FundingTick {
    asset_id: felt252,
    funding_index: i64,
}

#[derive(Copy, Drop, Serde)]
struct AssetConfig {
    version: u8,
    status: u8,
    risk_factor_first_tier_boundary: u128,
    risk_factor_tier_size: u128,
    quorum: u8,
    resolution_factor: u64,
    quantum: u64,
    token_contract: Option<ContractAddress>,
    asset_type: u8,
}

#[derive(Copy, Drop, Serde)]
struct TimelyData {
    version: u8,
    price: u64,
    last_price_update: u64,
    funding_index: i64,
}

#[starknet::interface]
trait ICore<T> {
    fn price_tick(
        ref self: T,
        operator_nonce: u64,
        asset_id: felt252,
        oracle_price: u128,
        signed_prices: Span<SignedPrice>,
    );
    fn funding_tick(
        ref self: T, operator_nonce: u64, funding_ticks: Span<FundingTick>, timestamp: u64,
    );
    fn add_synthetic_asset(
        ref self: T,
        asset_id: felt252,
        risk_factor_tiers: Span<u16>,
        risk_factor_first_tier_boundary: u128,
        risk_factor_tier_size: u128,
        quorum: u8,
        resolution_factor: u64,
    );
    fn deactivate_synthetic(ref self: T, synthetic_id: felt252);
    fn add_oracle_to_asset(
        ref self: T,
        asset_id: felt252,
        oracle_public_key: felt252,
        oracle_name: felt252,
        asset_name: felt252,
    );
    fn remove_oracle_from_asset(ref self: T, asset_id: felt252, oracle_public_key: felt252);
    fn update_asset_quorum(ref self: T, asset_id: felt252, quorum: u8);
    fn register_operator(ref self: T, account: ContractAddress);
    fn remove_operator(ref self: T, account: ContractAddress);
    fn pause(ref self: T);
    fn unpause(ref self: T);
    fn is_paused(self: @T) -> bool;
    fn is_operator(self: @T, account: ContractAddress) -> bool;
    fn get_operator_nonce(self: @T) -> u64;
    fn get_asset_config(self: @T, asset_id: felt252) -> AssetConfig;
    fn get_timely_data(self: @T, asset_id: felt252) -> TimelyData;
    fn get_risk_factor_tiers(self: @T, asset_id: felt252) -> Span<u16>;
    fn get_last_funding_tick(self: @T) -> u64;
    fn get_last_price_validation(self: @T) -> u64;
    fn get_num_of_active_synthetic_assets(self: @T) -> u32;
    fn get_max_price_interval(self: @T) -> u64;
    fn get_max_oracle_price_validity(self: @T) -> u64;
    fn get_max_funding_interval(self: @T) -> u64;
    fn get_max_funding_rate(self: @T) -> u32;
}

#[starknet::contract]
mod Core {
    use core::ecdsa::check_ecdsa_signature;
    use core::pedersen::pedersen;
    use starknet::storage::{
        Map, StorageMapReadAccess, StorageMapWriteAccess, StoragePointerReadAccess,
        StoragePointerWriteAccess,
    };
    use starknet::{ContractAddress, get_block_timestamp, get_caller_address};
    use super::{AssetConfig, FundingTick, SignedPrice, TimelyData};

    const OPERATOR: felt252 = 0x023edb77f7c8cc9e38e8afe78954f703aeeda7fffe014eeb6e56ea84e62f6da7;
    const PENDING: u8 = 0;
    const ACTIVE: u8 = 1;
    const INACTIVE: u8 = 2;
    const MAX_FUTURE_SECONDS: u64 = 120;
    const PRICE_SCALE: u128 = 0x10000000;
    const MAX_PRICE: u128 = 0x100000000000000;
    const TWO_POW_32: felt252 = 0x100000000;
    const TWO_POW_40: felt252 = 0x10000000000;

    #[derive(Copy, Drop, starknet::Store)]
    struct Asset {
        exists: bool,
        status: u8,
        first_tier_boundary: u128,
        tier_size: u128,
        quorum: u8,
        resolution_factor: u64,
        tiers: u32,
    }

    #[derive(Copy, Drop, starknet::Store)]
    struct Timely {
        price: u64,
        last_price_update: u64,
        funding_index: i64,
    }

    #[storage]
    struct Storage {
        governor: ContractAddress,
        operators: Map<ContractAddress, bool>,
        paused: bool,
        operator_nonce: u64,
        assets: Map<felt252, Asset>,
        timely: Map<felt252, Timely>,
        tiers: Map<(felt252, u32), u16>,
        asset_ids: Map<u32, felt252>,
        asset_count: u32,
        active_count: u32,
        oracles: Map<(felt252, felt252), felt252>,
        last_funding_tick: u64,
        last_price_validation: u64,
        max_price_interval: u64,
        max_oracle_price_validity: u64,
        max_funding_interval: u64,
        max_funding_rate: u32,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        PriceTick: PriceTick,
        FundingTick: FundingTickEvent,
        AssetActivated: AssetActivated,
        SyntheticAdded: SyntheticAdded,
        SyntheticAssetDeactivated: SyntheticAssetDeactivated,
        OracleAdded: OracleAdded,
        OracleRemoved: OracleRemoved,
        AssetQuorumUpdated: AssetQuorumUpdated,
        RoleGranted: RoleGranted,
        RoleRevoked: RoleRevoked,
        OperatorAdded: OperatorAdded,
        OperatorRemoved: OperatorRemoved,
        Paused: Paused,
        Unpaused: Unpaused,
    }

    #[derive(Drop, starknet::Event)]
    struct PriceTick {
        #[key]
        asset_id: felt252,
        price: u64,
    }
    #[derive(Drop, starknet::Event)]
    struct FundingTickEvent {
        #[key]
        asset_id: felt252,
        funding_index: i64,
    }
    #[derive(Drop, starknet::Event)]
    struct AssetActivated {
        #[key]
        asset_id: felt252,
    }
    #[derive(Drop, starknet::Event)]
    struct SyntheticAdded {
        #[key]
        asset_id: felt252,
        risk_factor_tiers: Span<u16>,
        risk_factor_first_tier_boundary: u128,
        risk_factor_tier_size: u128,
        resolution_factor: u64,
        quorum: u8,
    }
    #[derive(Drop, starknet::Event)]
    struct SyntheticAssetDeactivated {
        #[key]
        asset_id: felt252,
    }
    #[derive(Drop, starknet::Event)]
    struct OracleAdded {
        #[key]
        asset_id: felt252,
        #[key]
        oracle_public_key: felt252,
        asset_name: felt252,
        oracle_name: felt252,
    }
    #[derive(Drop, starknet::Event)]
    struct OracleRemoved {
        #[key]
        asset_id: felt252,
        #[key]
        oracle_public_key: felt252,
    }
    #[derive(Drop, starknet::Event)]
    struct AssetQuorumUpdated {
        #[key]
        asset_id: felt252,
        new_quorum: u8,
        old_quorum: u8,
    }
    #[derive(Drop, starknet::Event)]
    struct RoleGranted {
        role: felt252,
        account: ContractAddress,
        sender: ContractAddress,
    }
    #[derive(Drop, starknet::Event)]
    struct RoleRevoked {
        role: felt252,
        account: ContractAddress,
        sender: ContractAddress,
    }
    #[derive(Drop, starknet::Event)]
    struct OperatorAdded {
        added_account: ContractAddress,
        added_by: ContractAddress,
    }
    #[derive(Drop, starknet::Event)]
    struct OperatorRemoved {
        removed_account: ContractAddress,
        removed_by: ContractAddress,
    }
    #[derive(Drop, starknet::Event)]
    struct Paused {
        account: ContractAddress,
    }
    #[derive(Drop, starknet::Event)]
    struct Unpaused {
        account: ContractAddress,
    }

    #[constructor]
    fn constructor(
        ref self: ContractState,
        governor: ContractAddress,
        operator: ContractAddress,
        max_price_interval: u64,
        max_oracle_price_validity: u64,
        max_funding_interval: u64,
        max_funding_rate: u32,
    ) {
        self.governor.write(governor);
        self.max_price_interval.write(max_price_interval);
        self.max_oracle_price_validity.write(max_oracle_price_validity);
        self.max_funding_interval.write(max_funding_interval);
        self.max_funding_rate.write(max_funding_rate);
        let now = get_block_timestamp();
        self.last_funding_tick.write(now);
        self.last_price_validation.write(now);
        self.grant_operator(operator, governor);
    }

    #[abi(embed_v0)]
    impl CoreImpl of super::ICore<ContractState> {
        fn price_tick(
            ref self: ContractState,
            operator_nonce: u64,
            asset_id: felt252,
            oracle_price: u128,
            signed_prices: Span<SignedPrice>,
        ) {
            self.use_operator_nonce(operator_nonce);
            let asset = self.existing(asset_id);
            assert(asset.status != INACTIVE, 'INACTIVE_ASSET');
            assert(signed_prices.len() >= asset.quorum.into(), 'QUORUM_NOT_REACHED');
            self.check_signed_prices(asset_id, oracle_price, signed_prices);
            self.set_price(asset_id, asset, oracle_price);
        }

        fn funding_tick(
            ref self: ContractState,
            operator_nonce: u64,
            funding_ticks: Span<FundingTick>,
            timestamp: u64,
        ) {
            self.use_operator_nonce(operator_nonce);
            assert(timestamp < 0x100000000000000, 'INVALID_TIMESTAMP');
            assert(funding_ticks.len() == self.active_count.read(), 'INVALID_FUNDING_TICK_LEN');
            let now = get_block_timestamp();
            self.check_price_ages(now);
            let elapsed = now - self.last_funding_tick.read();
            let mut previous: u256 = 0;
            let mut left = funding_ticks;
            while let Option::Some(tick) = left.pop_front() {
                let asset_id = *tick.asset_id;
                assert(asset_id.into() > previous, 'FUNDING_TICKS_NOT_SORTED');
                self.set_funding_index(asset_id, *tick.funding_index, elapsed);
                previous = asset_id.into();
            };
            self.last_funding_tick.write(now);
        }

        fn add_synthetic_asset(
            ref self: ContractState,
            asset_id: felt252,
            risk_factor_tiers: Span<u16>,
            risk_factor_first_tier_boundary: u128,
            risk_factor_tier_size: u128,
            quorum: u8,
            resolution_factor: u64,
        ) {
            self.only_governor("ONLY_APP_GOVERNOR");
            assert(asset_id != 0, 'INVALID_ZERO_ASSET_ID');
            assert(!self.assets.read(asset_id).exists, 'ASSET_ALREADY_EXISTS');
            assert(risk_factor_tiers.len() != 0, 'INVALID_ZERO_RF_TIERS_LEN');
            assert(risk_factor_first_tier_boundary != 0, 'INVALID_ZERO_RF_FIRST_BOUNDRY');
            assert(risk_factor_tier_size != 0, 'INVALID_ZERO_RF_TIER_SIZE');
            assert(quorum != 0, 'INVALID_ZERO_QUORUM');
            assert(resolution_factor != 0, 'INVALID_ZERO_RESOLUTION_FACTOR');
            self.store_tiers(asset_id, risk_factor_tiers);
            let asset = Asset {
                exists: true,
                status: PENDING,
                first_tier_boundary: risk_factor_first_tier_boundary,
                tier_size: risk_factor_tier_size,
                quorum,
                resolution_factor,
                tiers: risk_factor_tiers.len(),
            };
            self.assets.write(asset_id, asset);
            let count = self.asset_count.read();
            self.asset_ids.write(count, asset_id);
            self.asset_count.write(count + 1);
            self
                .emit(
                    SyntheticAdded {
                        asset_id,
                        risk_factor_tiers,
                        risk_factor_first_tier_boundary,
                        risk_factor_tier_size,
                        resolution_factor,
                        quorum,
                    },
                );
        }

        fn deactivate_synthetic(ref self: ContractState, synthetic_id: felt252) {
            self.only_governor("ONLY_APP_GOVERNOR");
            let asset = self.existing(synthetic_id);
            assert(asset.status == ACTIVE, 'SYNTHETIC_NOT_ACTIVE');
            self.assets.write(synthetic_id, Asset { status: INACTIVE, ..asset });
            self.active_count.write(self.active_count.read() - 1);
            self.emit(SyntheticAssetDeactivated { asset_id: synthetic_id });
        }

        fn add_oracle_to_asset(
            ref self: ContractState,
            asset_id: felt252,
            oracle_public_key: felt252,
            oracle_name: felt252,
            asset_name: felt252,
        ) {
            self.only_governor("ONLY_APP_GOVERNOR");
            self.existing(asset_id);
            assert(self.oracles.read((asset_id, oracle_public_key)) == 0, 'ORACLE_ALREADY_EXISTS');
            assert(oracle_public_key != 0, 'INVALID_ZERO_PUBLIC_KEY');
            assert(asset_name != 0, 'INVALID_ZERO_ASSET_NAME');
            assert(oracle_name != 0, 'INVALID_ZERO_ORACLE_NAME');
            let wide_asset_name: u256 = asset_name.into();
            let wide_oracle_name: u256 = oracle_name.into();
            assert(wide_asset_name.high == 0, 'ASSET_NAME_TOO_LONG');
            assert(wide_oracle_name < 0x10000000000, 'ORACLE_NAME_TOO_LONG');
            self.oracles.write((asset_id, oracle_public_key), asset_name * TWO_POW_40 + oracle_name);
            self.emit(OracleAdded { asset_id, oracle_public_key, asset_name, oracle_name });
        }

        fn remove_oracle_from_asset(
            ref self: ContractState, asset_id: felt252, oracle_public_key: felt252,
        ) {
            self.only_governor("ONLY_APP_GOVERNOR");
            assert(self.oracles.read((asset_id, oracle_public_key)) != 0, 'ORACLE_NOT_EXISTS');
            self.oracles.write((asset_id, oracle_public_key), 0);
            self.emit(OracleRemoved { asset_id, oracle_public_key });
        }

        fn update_asset_quorum(ref self: ContractState, asset_id: felt252, quorum: u8) {
            self.only_governor("ONLY_APP_GOVERNOR");
            let asset = self.existing(asset_id);
            assert(quorum != 0, 'INVALID_ZERO_QUORUM');
            assert(quorum != asset.quorum, 'INVALID_SAME_QUORUM');
            self.assets.write(asset_id, Asset { quorum, ..asset });
            self.emit(AssetQuorumUpdated { asset_id, new_quorum: quorum, old_quorum: asset.quorum });
        }

        fn register_operator(ref self: ContractState, account: ContractAddress) {
            self.only_governor("ONLY_APP_ROLE_ADMIN");
            self.grant_operator(account, get_caller_address());
        }

        fn remove_operator(ref self: ContractState, account: ContractAddress) {
            self.only_governor("ONLY_APP_ROLE_ADMIN");
            if !self.operators.read(account) {
                return;
            }
            let sender = get_caller_address();
            self.operators.write(account, false);
            self.emit(RoleRevoked { role: OPERATOR, account, sender });
            self.emit(OperatorRemoved { removed_account: account, removed_by: sender });
        }

        fn pause(ref self: ContractState) {
            self.only_governor("ONLY_SECURITY_AGENT");
            assert(!self.paused.read(), 'PAUSED');
            self.paused.write(true);
            self.emit(Paused { account: get_caller_address() });
        }

        fn unpause(ref self: ContractState) {
            self.only_governor("ONLY_SECURITY_GOVERNOR");
            assert(self.paused.read(), 'NOT_PAUSED');
            self.paused.write(false);
            self.emit(Unpaused { account: get_caller_address() });
        }

        fn is_paused(self: @ContractState) -> bool {
            self.paused.read()
        }
        fn is_operator(self: @ContractState, account: ContractAddress) -> bool {
            self.operators.read(account)
        }
        fn get_operator_nonce(self: @ContractState) -> u64 {
            self.operator_nonce.read()
        }
        fn get_asset_config(self: @ContractState, asset_id: felt252) -> AssetConfig {
            let asset = self.existing(asset_id);
            AssetConfig {
                version: 1,
                status: asset.status,
                risk_factor_first_tier_boundary: asset.first_tier_boundary,
                risk_factor_tier_size: asset.tier_size,
                quorum: asset.quorum,
                resolution_factor: asset.resolution_factor,
                quantum: 0,
                token_contract: Option::None,
                asset_type: 0,
            }
        }
        fn get_timely_data(self: @ContractState, asset_id: felt252) -> TimelyData {
            self.existing(asset_id);
            let timely = self.timely.read(asset_id);
            TimelyData {
                version: 1,
                price: timely.price,
                last_price_update: timely.last_price_update,
                funding_index: timely.funding_index,
            }
        }
        fn get_risk_factor_tiers(self: @ContractState, asset_id: felt252) -> Span<u16> {
            let count = self.assets.read(asset_id).tiers;
            let mut tiers = array![];
            let mut at = 0;
            while at != count {
                tiers.append(self.tiers.read((asset_id, at)));
                at += 1;
            };
            tiers.span()
        }
        fn get_last_funding_tick(self: @ContractState) -> u64 {
            self.last_funding_tick.read()
        }
        fn get_last_price_validation(self: @ContractState) -> u64 {
            self.last_price_validation.read()
        }
        fn get_num_of_active_synthetic_assets(self: @ContractState) -> u32 {
            self.active_count.read()
        }
        fn get_max_price_interval(self: @ContractState) -> u64 {
            self.max_price_interval.read()
        }
        fn get_max_oracle_price_validity(self: @ContractState) -> u64 {
            self.max_oracle_price_validity.read()
        }
        fn get_max_funding_interval(self: @ContractState) -> u64 {
            self.max_funding_interval.read()
        }
        fn get_max_funding_rate(self: @ContractState) -> u32 {
            self.max_funding_rate.read()
        }
    }

    #[generate_trait]
    impl Internal of InternalTrait {
        fn use_operator_nonce(ref self: ContractState, received: u64) {
            assert(!self.paused.read(), 'PAUSED');
            assert!(self.operators.read(get_caller_address()), "ONLY_OPERATOR");
            let current = self.operator_nonce.read();
            assert!(
                current == received, "INVALID_NONCE: current!=received {}!={}", current, received,
            );
            self.operator_nonce.write(current + 1);
        }

        fn only_governor(self: @ContractState, refusal: ByteArray) {
            if get_caller_address() != self.governor.read() {
                core::panics::panic_with_byte_array(@refusal);
            }
        }

        fn grant_operator(
            ref self: ContractState, account: ContractAddress, sender: ContractAddress,
        ) {
            if self.operators.read(account) {
                return;
            }
            self.operators.write(account, true);
            self.emit(RoleGranted { role: OPERATOR, account, sender });
            self.emit(OperatorAdded { added_account: account, added_by: sender });
        }

        fn existing(self: @ContractState, asset_id: felt252) -> Asset {
            let asset = self.assets.read(asset_id);
            assert(asset.exists, 'ASSET_NOT_EXISTS');
            asset
        }

        fn store_tiers(ref self: ContractState, asset_id: felt252, tiers: Span<u16>) {
            let mut previous: u16 = 0;
            let mut at = 0;
            let mut left = tiers;
            while let Option::Some(tier) = left.pop_front() {
                assert(*tier <= 1000, 'Value must be <= 1000');
                assert(*tier > previous, 'UNSORTED_RISK_FACTOR_TIERS');
                self.tiers.write((asset_id, at), *tier);
                previous = *tier;
                at += 1;
            };
        }

        fn check_signed_prices(
            self: @ContractState,
            asset_id: felt252,
            oracle_price: u128,
            signed_prices: Span<SignedPrice>,
        ) {
            let now = get_block_timestamp();
            let earliest = now - self.max_oracle_price_validity.read();
            let latest = now + MAX_FUTURE_SECONDS;
            let mut lower: u32 = 0;
            let mut higher: u32 = 0;
            let mut previous: u256 = 0;
            let mut left = signed_prices;
            while let Option::Some(signed) = left.pop_front() {
                if *signed.oracle_price < oracle_price {
                    lower += 1;
                }
                if *signed.oracle_price > oracle_price {
                    higher += 1;
                }
                let timestamp: u64 = (*signed.timestamp).into();
                assert(
                    earliest <= timestamp && timestamp <= latest, 'INVALID_PRICE_TIMESTAMP',
                );
                self.check_oracle_signature(asset_id, *signed);
                let key: u256 = (*signed.signer_public_key).into();
                assert(previous < key, 'SIGNED_PRICES_UNSORTED');
                previous = key;
            };
            let count = signed_prices.len();
            assert(
                2 * (count - higher) >= count && 2 * (count - lower) >= count, 'INVALID_MEDIAN',
            );
        }

        fn check_oracle_signature(self: @ContractState, asset_id: felt252, signed: SignedPrice) {
            let names = self.oracles.read((asset_id, signed.signer_public_key));
            assert!(
                names != 0,
                "ORACLE_PUBLIC_KEY_NOT_REGISTERED, asset_id: AssetId {{ value: {} }}, public_key: {}",
                asset_id,
                signed.signer_public_key,
            );
            assert(signed.signature.len() == 2, 'INVALID_STARK_KEY_SIGNATURE');
            let price: felt252 = signed.oracle_price.into();
            let message = pedersen(names, price * TWO_POW_32 + signed.timestamp.into());
            let valid = check_ecdsa_signature(
                message, signed.signer_public_key, *signed.signature[0], *signed.signature[1],
            );
            assert(valid, 'INVALID_STARK_KEY_SIGNATURE');
        }

        fn set_price(ref self: ContractState, asset_id: felt252, asset: Asset, oracle_price: u128) {
            let resolution: u128 = asset.resolution_factor.into();
            let value = oracle_price * PRICE_SCALE / resolution / 1000000000000;
            assert(value < MAX_PRICE, 'Value must be < 2^56');
            let price: u64 = value.try_into().unwrap();
            let timely = self.timely.read(asset_id);
            let last_price_update = get_block_timestamp();
            self.timely.write(asset_id, Timely { price, last_price_update, ..timely });
            if asset.status == PENDING {
                self.assets.write(asset_id, Asset { status: ACTIVE, ..asset });
                self.active_count.write(self.active_count.read() + 1);
                self.emit(AssetActivated { asset_id });
            }
            self.emit(PriceTick { asset_id, price });
        }

        fn check_price_ages(ref self: ContractState, now: u64) {
            let interval = self.max_price_interval.read();
            if now - self.last_price_validation.read() <= interval {
                return;
            }
            let count = self.asset_count.read();
            let mut at = 0;
            while at != count {
                let asset_id = self.asset_ids.read(at);
                if self.assets.read(asset_id).status == ACTIVE {
                    let age = now - self.timely.read(asset_id).last_price_update;
                    assert(age <= interval, 'SYNTHETIC_EXPIRED_PRICE');
                }
                at += 1;
            };
            self.last_price_validation.write(now);
        }

        fn set_funding_index(
            ref self: ContractState, asset_id: felt252, funding_index: i64, elapsed: u64,
        ) {
            let asset = self.existing(asset_id);
            assert(asset.status == ACTIVE, 'SYNTHETIC_NOT_ACTIVE');
            let timely = self.timely.read(asset_id);
            let change = distance(funding_index - timely.funding_index);
            let rate: u128 = self.max_funding_rate.read().into();
            let cap = timely.price.into() * rate / PRICE_SCALE * elapsed.into();
            assert!(
                change <= cap,
                "INVALID_FUNDING_RATE synthetic_id: AssetId {{ value: {} }}",
                asset_id,
            );
            self.timely.write(asset_id, Timely { funding_index, ..timely });
            self.emit(FundingTickEvent { asset_id, funding_index });
        }
    }

    /// The smallest i64 has no positive twin: the original fails to negate it, and so says.
    fn distance(change: i64) -> u128 {
        assert(change != -0x8000000000000000, 'i64_neg Underflow');
        let positive: i64 = if change < 0 {
            -change
        } else {
            change
        };
        let felt: felt252 = positive.into();
        felt.try_into().unwrap()
    }
}
