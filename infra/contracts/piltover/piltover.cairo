// Stands in for Piltover, the contract on Starknet that keeps an appchain's state, as it is with onchain_data_hash and onchain_data_size
// (keep-starknet-strange/piltover: its names, order of checks, texts and events; written anew from what they say).
// It is not upgradable, its owner stays, and messages to Starknet are counted but nobody takes them here.
use starknet::ContractAddress;

// The programs whose runs are taken. The first one is the bootloader that runs the layout bridge.
#[derive(Copy, Drop, Serde, starknet::Store)]
struct ProgramInfo {
    bootloader_program_hash: felt252,
    snos_config_hash: felt252,
    snos_program_hash: felt252,
    layout_bridge_program_hash: felt252,
}

#[derive(Copy, Drop, Serde)]
enum MessageToAppchainStatus {
    NotSent,
    Sealed,
    Cancelled,
    Pending: felt252,
    Cancelling,
}

#[derive(Copy, Drop, Serde)]
enum MessageToStarknetStatus {
    NothingToConsume,
    ReadyToConsume: felt252,
}

// As Integrity has it.
#[derive(Copy, Drop, Serde)]
struct VerifierConfiguration {
    layout: felt252,
    hasher: felt252,
    stone_version: felt252,
    memory_verification: felt252,
}

#[derive(Copy, Drop, Serde)]
struct VerificationListElement {
    verification_hash: felt252,
    security_bits: u32,
    verifier_config: VerifierConfiguration,
}

#[starknet::interface]
trait IFactRegistry<T> {
    fn get_all_verifications_for_fact_hash(
        self: @T, fact_hash: felt252,
    ) -> Array<VerificationListElement>;
}

#[starknet::interface]
trait IAppchain<T> {
    fn update_state(
        ref self: T,
        snos_output: Span<felt252>,
        layout_bridge_output: Span<felt252>,
        onchain_data_hash: felt252,
        onchain_data_size: u256,
    );
    fn get_state(self: @T) -> (felt252, felt252, felt252);
    fn owner(self: @T) -> ContractAddress;
    fn register_operator(ref self: T, address: ContractAddress);
    fn unregister_operator(ref self: T, address: ContractAddress);
    fn is_operator(self: @T, address: ContractAddress) -> bool;
    fn set_program_info(ref self: T, program_info: ProgramInfo);
    fn get_program_info(self: @T) -> ProgramInfo;
    fn set_facts_registry(ref self: T, address: ContractAddress);
    fn get_facts_registry(self: @T) -> ContractAddress;
    fn send_message_to_appchain(
        ref self: T, to_address: ContractAddress, selector: felt252, payload: Span<felt252>,
    ) -> (felt252, felt252);
    fn start_message_cancellation(
        ref self: T,
        to_address: ContractAddress,
        selector: felt252,
        payload: Span<felt252>,
        nonce: felt252,
    ) -> felt252;
    fn cancel_message(
        ref self: T,
        to_address: ContractAddress,
        selector: felt252,
        payload: Span<felt252>,
        nonce: felt252,
    ) -> felt252;
    fn sn_to_appchain_messages(self: @T, message_hash: felt252) -> MessageToAppchainStatus;
    fn appchain_to_sn_messages(self: @T, message_hash: felt252) -> MessageToStarknetStatus;
}

#[starknet::contract]
mod Appchain {
    use core::keccak::keccak_u256s_le_inputs;
    use core::poseidon::poseidon_hash_span;
    use starknet::storage::{
        Map, StorageMapReadAccess, StorageMapWriteAccess, StoragePointerReadAccess,
        StoragePointerWriteAccess,
    };
    use starknet::{ContractAddress, get_block_timestamp, get_caller_address};
    use super::{
        IFactRegistryDispatcher, IFactRegistryDispatcherTrait, MessageToAppchainStatus,
        MessageToStarknetStatus, ProgramInfo,
    };

    // Five days.
    const CANCELLATION_DELAY_SECS: u64 = 432000;

    // What is stored of a message to the appchain.
    const NOT_SENT: u8 = 0;
    const SEALED: u8 = 1;
    const CANCELLED: u8 = 2;
    const PENDING: u8 = 3;
    const CANCELLING: u8 = 4;

    // How many words a bootloader puts before a program's output, and how many the output has before its messages.
    const BOOTLOADER_HEADER: u32 = 3;
    const OUTPUT_HEADER: u32 = 10;

    #[storage]
    struct Storage {
        owner: ContractAddress,
        operators: Map<ContractAddress, bool>,
        program_info: ProgramInfo,
        facts_registry: ContractAddress,
        state_root: felt252,
        block_number: felt252,
        block_hash: felt252,
        sn_to_appc_nonce: felt252,
        sn_to_appc_status: Map<felt252, u8>,
        sn_to_appc_pending: Map<felt252, felt252>,
        sn_to_appc_cancellations: Map<felt252, u64>,
        appc_to_sn_messages: Map<felt252, felt252>,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        OwnershipTransferred: OwnershipTransferred,
        ProgramInfoChanged: ProgramInfoChanged,
        LogStateUpdate: LogStateUpdate,
        LogStateTransitionFact: LogStateTransitionFact,
        MessageSent: MessageSent,
        MessageCancellationStarted: MessageCancellationStarted,
        MessageCanceled: MessageCanceled,
        MessageToStarknetReceived: MessageToStarknetReceived,
        MessageToAppchainSealed: MessageToAppchainSealed,
    }

    #[derive(Drop, starknet::Event)]
    struct OwnershipTransferred {
        #[key]
        previous_owner: ContractAddress,
        #[key]
        new_owner: ContractAddress,
    }

    #[derive(Drop, starknet::Event)]
    struct ProgramInfoChanged {
        changed_by: ContractAddress,
        old_program_info: ProgramInfo,
        new_program_info: ProgramInfo,
    }

    #[derive(Drop, starknet::Event)]
    struct LogStateUpdate {
        state_root: felt252,
        block_number: felt252,
        block_hash: felt252,
    }

    #[derive(Drop, starknet::Event)]
    struct LogStateTransitionFact {
        state_transition_fact: u256,
    }

    #[derive(Drop, starknet::Event)]
    struct MessageSent {
        #[key]
        message_hash: felt252,
        #[key]
        from: ContractAddress,
        #[key]
        to: ContractAddress,
        selector: felt252,
        nonce: felt252,
        payload: Span<felt252>,
    }

    #[derive(Drop, starknet::Event)]
    struct MessageCancellationStarted {
        #[key]
        message_hash: felt252,
        #[key]
        from: ContractAddress,
        #[key]
        to: ContractAddress,
        selector: felt252,
        payload: Span<felt252>,
        nonce: felt252,
    }

    #[derive(Drop, starknet::Event)]
    struct MessageCanceled {
        #[key]
        message_hash: felt252,
        #[key]
        from: ContractAddress,
        #[key]
        to: ContractAddress,
        selector: felt252,
        payload: Span<felt252>,
        nonce: felt252,
    }

    #[derive(Drop, starknet::Event)]
    struct MessageToStarknetReceived {
        #[key]
        message_hash: felt252,
        #[key]
        from: ContractAddress,
        #[key]
        to: ContractAddress,
        payload: Span<felt252>,
    }

    #[derive(Drop, starknet::Event)]
    struct MessageToAppchainSealed {
        #[key]
        message_hash: felt252,
        #[key]
        from: ContractAddress,
        #[key]
        to: ContractAddress,
        selector: felt252,
        nonce: felt252,
        payload: Span<felt252>,
    }

    #[derive(Copy, Drop)]
    struct MessageToStarknet {
        from: ContractAddress,
        to: ContractAddress,
        payload: Span<felt252>,
    }

    #[derive(Copy, Drop)]
    struct MessageToAppchain {
        from: ContractAddress,
        to: ContractAddress,
        nonce: felt252,
        selector: felt252,
        payload: Span<felt252>,
    }

    #[derive(Copy, Drop)]
    struct Output {
        previous_root: felt252,
        new_root: felt252,
        previous_number: felt252,
        new_number: felt252,
        new_hash: felt252,
        config_hash: felt252,
        to_starknet: Span<MessageToStarknet>,
        to_appchain: Span<MessageToAppchain>,
    }

    #[constructor]
    fn constructor(
        ref self: ContractState,
        owner: ContractAddress,
        state_root: felt252,
        block_number: felt252,
        block_hash: felt252,
    ) {
        self.owner.write(owner);
        let previous_owner = 0.try_into().unwrap();
        self.emit(OwnershipTransferred { previous_owner, new_owner: owner });
        self.state_root.write(state_root);
        self.block_number.write(block_number);
        self.block_hash.write(block_hash);
    }

    #[abi(embed_v0)]
    impl AppchainImpl of super::IAppchain<ContractState> {
        fn update_state(
            ref self: ContractState,
            snos_output: Span<felt252>,
            layout_bridge_output: Span<felt252>,
            onchain_data_hash: felt252,
            onchain_data_size: u256,
        ) {
            self.assert_owner_or_operator();
            let programs = self.program_info.read();
            assert(
                programs.snos_program_hash == *snos_output.at(2), 'snos: invalid program hash',
            );
            assert(
                programs.layout_bridge_program_hash == *layout_bridge_output.at(2),
                'lb: invalid program hash',
            );
            assert(
                poseidon_hash_span(snos_output) == *layout_bridge_output.at(4),
                'snos: invalid output hash',
            );
            let output = read_output(snos_output);
            let transition = transition_fact(
                layout_bridge_output, onchain_data_hash, onchain_data_size,
            );
            assert(output.config_hash == programs.snos_config_hash, 'snos: invalid config hash');
            let bridge_hash = poseidon_hash_span(layout_bridge_output);
            let fact = poseidon_hash_span(
                array![programs.bootloader_program_hash, bridge_hash].span(),
            );
            self.assert_registered(fact);
            self.emit(LogStateTransitionFact { state_transition_fact: transition });
            self.move_state(output);
            self.receive(output.to_starknet);
            self.seal(output.to_appchain);
            let (state_root, block_number, block_hash) = self.get_state();
            self.emit(LogStateUpdate { state_root, block_number, block_hash });
        }

        fn get_state(self: @ContractState) -> (felt252, felt252, felt252) {
            (self.state_root.read(), self.block_number.read(), self.block_hash.read())
        }

        fn owner(self: @ContractState) -> ContractAddress {
            self.owner.read()
        }

        fn register_operator(ref self: ContractState, address: ContractAddress) {
            self.assert_owner();
            assert(!self.operators.read(address), 'Config: already operator');
            self.operators.write(address, true);
        }

        fn unregister_operator(ref self: ContractState, address: ContractAddress) {
            self.assert_owner();
            assert(self.operators.read(address), 'Config: not operator');
            self.operators.write(address, false);
        }

        fn is_operator(self: @ContractState, address: ContractAddress) -> bool {
            self.operators.read(address)
        }

        fn set_program_info(ref self: ContractState, program_info: ProgramInfo) {
            self.assert_owner_or_operator();
            let old_program_info = self.program_info.read();
            self.program_info.write(program_info);
            let changed_by = get_caller_address();
            self
                .emit(
                    ProgramInfoChanged {
                        changed_by, old_program_info, new_program_info: program_info,
                    },
                );
        }

        fn get_program_info(self: @ContractState) -> ProgramInfo {
            self.program_info.read()
        }

        fn set_facts_registry(ref self: ContractState, address: ContractAddress) {
            self.assert_owner_or_operator();
            self.facts_registry.write(address);
        }

        fn get_facts_registry(self: @ContractState) -> ContractAddress {
            self.facts_registry.read()
        }

        fn send_message_to_appchain(
            ref self: ContractState,
            to_address: ContractAddress,
            selector: felt252,
            payload: Span<felt252>,
        ) -> (felt252, felt252) {
            let nonce = self.sn_to_appc_nonce.read();
            self.sn_to_appc_nonce.write(nonce + 1);
            let from = get_caller_address();
            let message = MessageToAppchain { from, to: to_address, nonce, selector, payload };
            let message_hash = hash_to_appchain(message);
            self.emit(MessageSent { message_hash, from, to: to_address, selector, nonce, payload });
            self.sn_to_appc_status.write(message_hash, PENDING);
            self.sn_to_appc_pending.write(message_hash, nonce);
            (message_hash, nonce)
        }

        fn start_message_cancellation(
            ref self: ContractState,
            to_address: ContractAddress,
            selector: felt252,
            payload: Span<felt252>,
            nonce: felt252,
        ) -> felt252 {
            let from = get_caller_address();
            let message = MessageToAppchain { from, to: to_address, nonce, selector, payload };
            let message_hash = hash_to_appchain(message);
            let status = self.sn_to_appc_status.read(message_hash);
            assert(status != CANCELLED, 'CANCELLATION_ALREADY_DONE');
            assert(status != CANCELLING, 'CANCELLATION_ALREADY_REQUESTED');
            assert(status == PENDING, 'NO_MESSAGE_TO_CANCEL');
            self.sn_to_appc_cancellations.write(message_hash, get_block_timestamp());
            self.sn_to_appc_status.write(message_hash, CANCELLING);
            self
                .emit(
                    MessageCancellationStarted {
                        message_hash, from, to: to_address, selector, payload, nonce,
                    },
                );
            message_hash
        }

        fn cancel_message(
            ref self: ContractState,
            to_address: ContractAddress,
            selector: felt252,
            payload: Span<felt252>,
            nonce: felt252,
        ) -> felt252 {
            let from = get_caller_address();
            let message = MessageToAppchain { from, to: to_address, nonce, selector, payload };
            let message_hash = hash_to_appchain(message);
            let status = self.sn_to_appc_status.read(message_hash);
            assert(status == CANCELLING, 'NO_MESSAGE_TO_CANCEL');
            let allowed = self.sn_to_appc_cancellations.read(message_hash)
                + CANCELLATION_DELAY_SECS;
            assert(get_block_timestamp() >= allowed, 'CANCELLATION_NOT_ALLOWED_YET');
            self
                .emit(
                    MessageCanceled {
                        message_hash, from, to: to_address, selector, payload, nonce,
                    },
                );
            self.sn_to_appc_status.write(message_hash, CANCELLED);
            message_hash
        }

        fn sn_to_appchain_messages(
            self: @ContractState, message_hash: felt252,
        ) -> MessageToAppchainStatus {
            let status = self.sn_to_appc_status.read(message_hash);
            if status == SEALED {
                return MessageToAppchainStatus::Sealed;
            }
            if status == CANCELLED {
                return MessageToAppchainStatus::Cancelled;
            }
            if status == PENDING {
                return MessageToAppchainStatus::Pending(self.sn_to_appc_pending.read(message_hash));
            }
            if status == CANCELLING {
                return MessageToAppchainStatus::Cancelling;
            }
            MessageToAppchainStatus::NotSent
        }

        fn appchain_to_sn_messages(
            self: @ContractState, message_hash: felt252,
        ) -> MessageToStarknetStatus {
            let count = self.appc_to_sn_messages.read(message_hash);
            if count == 0 {
                return MessageToStarknetStatus::NothingToConsume;
            }
            MessageToStarknetStatus::ReadyToConsume(count)
        }
    }

    #[generate_trait]
    impl Rules of RulesTrait {
        fn assert_owner(self: @ContractState) {
            assert(self.owner.read() == get_caller_address(), 'Caller is not the owner');
        }

        fn assert_owner_or_operator(self: @ContractState) {
            let caller = get_caller_address();
            assert(
                caller == self.owner.read() || self.operators.read(caller),
                'Config: not owner or operator',
            );
        }

        // As weak as the original: only the first verification counts, however it was configured.
        fn assert_registered(self: @ContractState, fact: felt252) {
            let registry = IFactRegistryDispatcher { contract_address: self.facts_registry.read() };
            let verifications = registry.get_all_verifications_for_fact_hash(fact);
            assert(verifications.len() != 0, 'no fact registered');
            assert!(*verifications.at(0).security_bits > 50);
        }

        // What the previous block's hash was is not asked.
        fn move_state(ref self: ContractState, output: Output) {
            assert(
                self.block_number.read() == output.previous_number, 'State: invalid block number',
            );
            assert(self.state_root.read() == output.previous_root, 'State: invalid previous root');
            self.block_number.write(output.new_number);
            self.block_hash.write(output.new_hash);
            self.state_root.write(output.new_root);
        }

        fn receive(ref self: ContractState, mut messages: Span<MessageToStarknet>) {
            while let Option::Some(message) = messages.pop_front() {
                let MessageToStarknet { from, to, payload } = *message;
                let message_hash = hash_to_starknet(*message);
                self.emit(MessageToStarknetReceived { message_hash, from, to, payload });
                let count = self.appc_to_sn_messages.read(message_hash);
                self.appc_to_sn_messages.write(message_hash, count + 1);
            }
        }

        fn seal(ref self: ContractState, mut messages: Span<MessageToAppchain>) {
            while let Option::Some(message) = messages.pop_front() {
                let MessageToAppchain { from, to, nonce, selector, payload } = *message;
                let message_hash = hash_to_appchain(*message);
                let status = self.sn_to_appc_status.read(message_hash);
                assert(status == PENDING, 'INVALID_MESSAGE_TO_SEAL');
                self.sn_to_appc_status.write(message_hash, SEALED);
                self
                    .emit(
                        MessageToAppchainSealed {
                            message_hash, from, to, selector, nonce, payload,
                        },
                    );
            }
        }
    }

    // Takes up to so many words away; fewer where there are no more.
    fn take(ref words: Span<felt252>, count: u32) -> Span<felt252> {
        let count = if count > words.len() {
            words.len()
        } else {
            count
        };
        let taken = words.slice(0, count);
        words = words.slice(count, words.len() - count);
        taken
    }

    fn read_output(mut words: Span<felt252>) -> Output {
        take(ref words, BOOTLOADER_HEADER);
        let header = take(ref words, OUTPUT_HEADER);
        let use_kzg_da = *header.at(8);
        let full_output = *header.at(9);
        let os_program_hash = *header.at(6);
        assert!(os_program_hash == 0, "Aggregator program is not supported yet");
        assert!(use_kzg_da == 0, "KZG DA is not supported yet");
        assert!(full_output == 0, "Full output is not supported");
        let to_starknet_size: u32 = (*words.pop_front().unwrap())
            .try_into()
            .expect('Invalid n_messages_to_l1');
        let to_starknet = take(ref words, to_starknet_size);
        let to_appchain_size: u32 = (*words.pop_front().unwrap())
            .try_into()
            .expect('Invalid n_messages_to_l2');
        let to_appchain = take(ref words, to_appchain_size);
        Output {
            previous_root: *header.at(0),
            new_root: *header.at(1),
            previous_number: *header.at(2),
            new_number: *header.at(3),
            new_hash: *header.at(5),
            config_hash: *header.at(7),
            to_starknet: read_to_starknet(to_starknet),
            to_appchain: read_to_appchain(to_appchain),
        }
    }

    // What is too short for a message is left.
    fn read_to_starknet(mut words: Span<felt252>) -> Span<MessageToStarknet> {
        let mut messages = array![];
        while words.len() >= 3 {
            let header = take(ref words, 3);
            let size: u32 = (*header.at(2)).try_into().expect('Invalid payload size');
            let payload = take(ref words, size);
            let from = (*header.at(0)).try_into().expect('Invalid from address');
            let to = (*header.at(1)).try_into().expect('Invalid to address');
            messages.append(MessageToStarknet { from, to, payload });
        };
        messages.span()
    }

    fn read_to_appchain(mut words: Span<felt252>) -> Span<MessageToAppchain> {
        let mut messages = array![];
        while words.len() >= 5 {
            let header = take(ref words, 5);
            let size: u32 = (*header.at(4)).try_into().expect('Invalid payload size');
            let payload = take(ref words, size);
            let from = (*header.at(0)).try_into().expect('Invalid from address');
            let to = (*header.at(1)).try_into().expect('Invalid to address');
            let nonce = *header.at(2);
            let selector = *header.at(3);
            messages.append(MessageToAppchain { from, to, nonce, selector, payload });
        };
        messages.span()
    }

    fn hash_to_starknet(message: MessageToStarknet) -> felt252 {
        let MessageToStarknet { from, to, payload } = message;
        let mut words = array![from.into(), to.into(), payload.len().into()];
        words.append_span(payload);
        poseidon_hash_span(words.span())
    }

    fn hash_to_appchain(message: MessageToAppchain) -> felt252 {
        let MessageToAppchain { from, to, nonce, selector, payload } = message;
        let mut words = array![from.into(), to.into(), nonce, selector, payload.len().into()];
        words.append_span(payload);
        poseidon_hash_span(words.span())
    }

    // The root over the bridge's output and the data beside it; as L1 has it, but with each word's bytes in the other order. Only told, never asked for.
    fn transition_fact(output: Span<felt252>, data_hash: felt252, data_size: u256) -> u256 {
        let mut words: Array<u256> = array![];
        let mut rest = output;
        while let Option::Some(word) = rest.pop_front() {
            words.append((*word).into());
        };
        let main_length: u256 = output.len().into();
        let main_hash = keccak_u256s_le_inputs(words.span());
        let node = array![main_hash, main_length, data_hash.into(), main_length + data_size];
        keccak_u256s_le_inputs(node.span()) + 1
    }
}
