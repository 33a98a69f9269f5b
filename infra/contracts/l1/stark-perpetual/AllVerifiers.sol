// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FactRegistry} from "../gps/FactRegistry.sol";
import {MOST_VERIFIERS, REMOVAL_DELAY} from "./Constants.sol";
import {Freezing} from "./Freezing.sol";
import {Part} from "./Part.sol";
import {Chain, common} from "./Storage.sol";

interface Identified {
    function identify() external pure returns (string memory);
}

/// The contracts that are asked for the facts of a batch: of its proof, and of its data's availability. One more counts at
/// once; to take one away needs four weeks, and the last one stays.
contract AllVerifiers is Part, Freezing {
    event LogRegistered(address entry, string entryId);
    event LogRemovalIntent(address entry, string entryId);
    event LogRemoved(address entry, string entryId);

    function identify() external pure override returns (string memory) {
        return "StarkWare_AllVerifiers_2022_2";
    }

    function registerVerifier(address verifier, string calldata identifier) external {
        _add(common().verifiers, verifier, identifier);
    }

    function announceVerifierRemovalIntent(address verifier) external {
        _announce(common().verifiers, verifier);
    }

    function removeVerifier(address verifier) external {
        _remove(common().verifiers, verifier);
    }

    function getRegisteredVerifiers() external view returns (address[] memory) {
        return common().verifiers.entries;
    }

    function isVerifier(address verifier) external view returns (bool found) {
        (found,) = _find(common().verifiers, verifier);
    }

    function registerAvailabilityVerifier(address verifier, string calldata identifier) external {
        _add(common().availabilityVerifiers, verifier, identifier);
    }

    function announceAvailabilityVerifierRemovalIntent(address verifier) external {
        _announce(common().availabilityVerifiers, verifier);
    }

    function removeAvailabilityVerifier(address verifier) external {
        _remove(common().availabilityVerifiers, verifier);
    }

    function getRegisteredAvailabilityVerifiers() external view returns (address[] memory) {
        return common().availabilityVerifiers.entries;
    }

    function isAvailabilityVerifier(address verifier) external view returns (bool found) {
        (found,) = _find(common().availabilityVerifiers, verifier);
    }

    function _add(Chain storage chain, address entry, string calldata identifier) private onlyGovernance notFrozen {
        require(entry.code.length > 0, "ADDRESS_NOT_CONTRACT");
        bytes32 real = keccak256(bytes(Identified(entry).identify()));
        require(real == keccak256(bytes(identifier)), "UNEXPECTED_CONTRACT_IDENTIFIER");
        uint256 count = chain.entries.length;
        require(count < MOST_VERIFIERS, "CHAIN_AT_MAX_CAPACITY");
        (bool found,) = _find(chain, entry);
        require(!found, "ENTRY_ALREADY_EXISTS");
        // One that never knew a fact would stop the exchange.
        require(count == 0 || FactRegistry(entry).hasRegisteredFact(), "ENTRY_NOT_ENABLED");
        chain.entries.push(entry);
        chain.removableFrom[entry] = 0;
        emit LogRegistered(entry, identifier);
    }

    function _announce(Chain storage chain, address entry) private onlyGovernance notFrozen {
        (bool found,) = _find(chain, entry);
        require(found, "ENTRY_DOES_NOT_EXIST");
        require(chain.removableFrom[entry] == 0, "ALREADY_ANNOUNCED");
        chain.removableFrom[entry] = block.timestamp + REMOVAL_DELAY;
        emit LogRemovalIntent(entry, Identified(entry).identify());
    }

    function _remove(Chain storage chain, address entry) private onlyGovernance notFrozen {
        (bool found, uint256 index) = _find(chain, entry);
        require(found, "ENTRY_DOES_NOT_EXIST");
        uint256 from = chain.removableFrom[entry];
        require(from > 0, "REMOVAL_NOT_ANNOUNCED");
        require(block.timestamp >= from, "REMOVAL_NOT_ENABLED_YET");
        uint256 last = chain.entries.length - 1;
        require(last > 0, "LAST_ENTRY_MAY_NOT_BE_REMOVED");
        chain.entries[index] = chain.entries[last];
        chain.entries.pop();
        chain.removableFrom[entry] = 0;
        emit LogRemoved(entry, Identified(entry).identify());
    }

    function _find(Chain storage chain, address entry) private view returns (bool found, uint256 index) {
        uint256 count = chain.entries.length;
        for (; index < count; index++) {
            if (chain.entries[index] == entry) return (true, index);
        }
    }
}
