// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NotOfThisPart, Part} from "./Part.sol";
import {common, perpetual} from "./Storage.sol";

/// StarkEx's perpetual exchange on L1: our own contract with the interface and the rules of theirs (3.2.0), behind the proxy
/// in `../proxy`. It has no functions but those of its four parts, which work on its storage.
contract StarkPerpetual {
    uint256 private constant PARTS = 4;
    uint256 private constant WORD = 32;

    address private immutable itself = address(this);

    receive() external payable {
        revert("CONTRACT_NOT_EXPECTED_TO_RECEIVE");
    }

    /// One part after the other, until one has the function.
    fallback() external payable {
        for (uint256 part = 1; part <= PARTS; part++) {
            (bool done, bytes memory answer) = common().parts[part].delegatecall(msg.data);
            if (!done && _isNone(answer)) continue;
            assembly ("memory-safe") {
                if done { return(add(answer, 0x20), mload(answer)) }
                revert(add(answer, 0x20), mload(answer))
            }
        }
        revert("NO_CONTRACT_FOR_FUNCTION");
    }

    /// By the proxy: the parts' addresses, a helper's ("external initialiser") or zero, and words for the helper or the parts.
    function initialize(bytes calldata data) external {
        require(address(this) != itself, "DIRECT_CALL_DISALLOWED");
        uint256 head = WORD * (PARTS + 1);
        require(data.length >= head, "SUB_CONTRACTS_NOT_PROVIDED");
        for (uint256 part = 1; part <= PARTS; part++) {
            address there = _addressIn(data, part - 1);
            bytes32 id = keccak256(bytes(Part(payable(there)).identify()));
            require(id == keccak256(bytes(_nameOf(part))), "MISPLACED_INDEX_OR_BAD_CONTRACT_ID");
            common().parts[part] = there;
        }
        address helper = _addressIn(data, PARTS);
        bytes calldata words = data[head:];
        if (helper != address(0)) return _initializeBy(helper, words);
        if (words.length > 0) _initializeParts(words);
    }

    function _initializeParts(bytes calldata words) private {
        bool isNew = perpetual().sharedStateHash == 0 && perpetual().globalConfigurationHash == 0;
        require(isNew && perpetual().systemAssetType == 0, "INITIALIZATION_BLOCKED");
        for (uint256 part = 1; part <= PARTS; part++) {
            address there = common().parts[part];
            uint256 size = Part(payable(there)).initializerSize();
            require(size <= words.length, "INVALID_INITIALIZER_SIZE");
            if (size == 0) continue;
            (bool done, bytes memory answer) =
                there.delegatecall(abi.encodeCall(this.initialize, (words[:size])));
            require(done, string(answer));
            words = words[size:];
        }
        require(words.length == 0, "MISMATCHING_INIT_DATA_SIZE");
    }

    function _initializeBy(address helper, bytes calldata words) private {
        require(helper.code.length > 0, "NOT_A_CONTRACT");
        (bool done, bytes memory answer) = helper.delegatecall(abi.encodeCall(this.initialize, (words)));
        require(done && answer.length == 0, string(answer));
    }

    function _addressIn(bytes calldata data, uint256 index) private pure returns (address) {
        return abi.decode(data[WORD * index:WORD * (index + 1)], (address));
    }

    function _isNone(bytes memory answer) private pure returns (bool) {
        return keccak256(answer) == keccak256(abi.encodePacked(NotOfThisPart.selector));
    }

    function _nameOf(uint256 part) private pure returns (string memory) {
        if (part == 1) return "StarkWare_AllVerifiers_2022_2";
        if (part == 2) return "StarkWare_PerpetualTokensAndRamping_2022_2";
        if (part == 3) return "StarkWare_PerpetualState_2022_2";
        return "StarkWare_PerpetualForcedActions_2022_2";
    }
}
