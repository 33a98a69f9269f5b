// Stands in for Integrity, Herodotus' registry of facts on Starknet: the same views, event, hashes and texts (HerodotusDev/integrity,
// fact_registry.cairo and settings.cairo, which say what each is; written anew from that).
// What it stands in for is the verifier of STARK proofs: here a fact is registered with the strength that the caller says it was proved with.
// Deployed as mocked it is what its mock is: it asks for no verifier, and says that it has none.
use starknet::ContractAddress;

#[derive(Copy, Drop, Serde, starknet::Store)]
struct VerifierConfiguration {
    layout: felt252,
    hasher: felt252,
    stone_version: felt252,
    memory_verification: felt252,
}

#[derive(Copy, Drop, Serde)]
struct VerifierPreset {
    layout: felt252,
    hasher: felt252,
}

#[derive(Copy, Drop, Serde, starknet::Store)]
struct Verification {
    fact_hash: felt252,
    security_bits: u32,
    verifier_config: VerifierConfiguration,
}

#[derive(Copy, Drop, Serde)]
struct VerificationListElement {
    verification_hash: felt252,
    security_bits: u32,
    verifier_config: VerifierConfiguration,
}

#[derive(Copy, Drop, Serde, starknet::Event)]
struct FactRegistered {
    #[key]
    fact_hash: felt252,
    #[key]
    verifier_address: ContractAddress,
    #[key]
    security_bits: u32,
    #[key]
    verifier_config: VerifierConfiguration,
    #[key]
    verification_hash: felt252,
}

#[starknet::interface]
trait IFactRegistry<T> {
    fn register_fact(
        ref self: T,
        verifier_config: VerifierConfiguration,
        fact_hash: felt252,
        security_bits: u32,
    ) -> FactRegistered;
    fn register_verifier(ref self: T, preset: VerifierPreset, address: ContractAddress);
    fn get_all_verifications_for_fact_hash(
        self: @T, fact_hash: felt252,
    ) -> Array<VerificationListElement>;
    fn get_verification(self: @T, verification_hash: felt252) -> Option<Verification>;
    fn get_verifier_address(self: @T, preset: VerifierPreset) -> ContractAddress;
}

#[starknet::contract]
mod FactRegistry {
    use core::poseidon::poseidon_hash_span;
    use starknet::storage::{
        Map, StorageMapReadAccess, StorageMapWriteAccess, StoragePointerReadAccess,
        StoragePointerWriteAccess,
    };
    use starknet::{ContractAddress, get_caller_address};
    use super::{
        FactRegistered, Verification, VerificationListElement, VerifierConfiguration,
        VerifierPreset,
    };

    #[storage]
    struct Storage {
        owner: ContractAddress,
        mocked: bool,
        verifiers: Map<felt252, ContractAddress>,
        // In the order in which they came, by fact.
        verification_counts: Map<felt252, u32>,
        verification_hashes: Map<(felt252, u32), felt252>,
        known: Map<felt252, bool>,
        verifications: Map<felt252, Verification>,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        FactRegistered: FactRegistered,
        VerifierRegistered: VerifierRegistered,
    }

    #[derive(Drop, starknet::Event)]
    struct VerifierRegistered {
        #[key]
        address: ContractAddress,
        #[key]
        preset: VerifierPreset,
    }

    #[constructor]
    fn constructor(ref self: ContractState, owner: ContractAddress, mocked: bool) {
        self.owner.write(owner);
        self.mocked.write(mocked);
    }

    #[abi(embed_v0)]
    impl FactRegistryImpl of super::IFactRegistry<ContractState> {
        fn register_fact(
            ref self: ContractState,
            verifier_config: VerifierConfiguration,
            fact_hash: felt252,
            security_bits: u32,
        ) -> FactRegistered {
            let verifier_address = self.verifier_of(verifier_config);
            let verification_hash = verification_hash_of(fact_hash, verifier_config, security_bits);
            let event = FactRegistered {
                fact_hash, verifier_address, security_bits, verifier_config, verification_hash,
            };
            // Also of a verification that is known already.
            self.emit(event);
            if !self.known.read(verification_hash) {
                let count = self.verification_counts.read(fact_hash);
                self.verification_hashes.write((fact_hash, count), verification_hash);
                self.verification_counts.write(fact_hash, count + 1);
                self.known.write(verification_hash, true);
                self
                    .verifications
                    .write(
                        verification_hash,
                        Verification { fact_hash, security_bits, verifier_config },
                    );
            }
            event
        }

        fn register_verifier(
            ref self: ContractState, preset: VerifierPreset, address: ContractAddress,
        ) {
            assert(self.owner.read() == get_caller_address(), 'ONLY_OWNER');
            assert(address != nobody(), 'INVALID_VERIFIER_ADDRESS');
            let key = preset_hash_of(preset);
            assert(self.verifiers.read(key) == nobody(), 'VERIFIER_ALREADY_EXISTS');
            self.verifiers.write(key, address);
            self.emit(VerifierRegistered { address, preset });
        }

        fn get_all_verifications_for_fact_hash(
            self: @ContractState, fact_hash: felt252,
        ) -> Array<VerificationListElement> {
            let count = self.verification_counts.read(fact_hash);
            let mut list = array![];
            let mut at = 0;
            while at != count {
                let verification_hash = self.verification_hashes.read((fact_hash, at));
                let verification = self.verifications.read(verification_hash);
                list
                    .append(
                        VerificationListElement {
                            verification_hash,
                            security_bits: verification.security_bits,
                            verifier_config: verification.verifier_config,
                        },
                    );
                at += 1;
            };
            list
        }

        fn get_verification(
            self: @ContractState, verification_hash: felt252,
        ) -> Option<Verification> {
            if !self.known.read(verification_hash) {
                return Option::None;
            }
            Option::Some(self.verifications.read(verification_hash))
        }

        fn get_verifier_address(self: @ContractState, preset: VerifierPreset) -> ContractAddress {
            if self.mocked.read() {
                return nobody();
            }
            let address = self.verifiers.read(preset_hash_of(preset));
            assert(address != nobody(), 'VERIFIER_NOT_FOUND');
            address
        }
    }

    #[generate_trait]
    impl Verifiers of VerifiersTrait {
        fn verifier_of(self: @ContractState, config: VerifierConfiguration) -> ContractAddress {
            if self.mocked.read() {
                return nobody();
            }
            self.get_verifier_address(preset_of(config))
        }
    }

    fn nobody() -> ContractAddress {
        0.try_into().unwrap()
    }

    // Which verifier a configuration needs: its hasher is told without how many bits of it are used.
    fn preset_of(config: VerifierConfiguration) -> VerifierPreset {
        let memory = config.memory_verification;
        assert(
            memory == 'strict' || memory == 'relaxed' || memory == 'cairo1',
            'Unsupported cairo version',
        );
        let hasher = hasher_of(config.hasher);
        let stone = config.stone_version;
        assert(stone == 'stone5' || stone == 'stone6', 'Unsupported stone version');
        VerifierPreset { layout: config.layout, hasher }
    }

    fn hasher_of(variant: felt252) -> felt252 {
        if variant == 'keccak_160_lsb' || variant == 'keccak_248_lsb' {
            return 'keccak';
        }
        assert(
            variant == 'blake2s_160_lsb' || variant == 'blake2s_248_lsb',
            'Unsupported hasher variant',
        );
        'blake2s'
    }

    fn preset_hash_of(preset: VerifierPreset) -> felt252 {
        poseidon_hash_span(array![preset.layout, preset.hasher].span())
    }

    fn verification_hash_of(
        fact_hash: felt252, config: VerifierConfiguration, security_bits: u32,
    ) -> felt252 {
        let config_hash = poseidon_hash_span(
            array![
                config.layout, config.hasher, config.stone_version, config.memory_verification,
            ]
                .span(),
        );
        poseidon_hash_span(array![fact_hash, config_hash, security_bits.into()].span())
    }
}
