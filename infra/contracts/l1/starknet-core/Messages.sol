// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NamedCounts, NamedUint, countsAt, uintAt} from "../proxy/Named.sol";
import "./ProgramOutput.sol";

/// Messages between the layers. One to L2 waits here with its fee until an update consumes it, or its sender takes it back: by
/// asking first, and again when the delay has passed. The fee of one taken back stays here. One to L1 waits, counted, until
/// its receiver consumes it.
abstract contract Messages {
    event LogMessageToL1(uint256 indexed fromAddress, address indexed toAddress, uint256[] payload);
    event LogMessageToL2(
        address indexed fromAddress,
        uint256 indexed toAddress,
        uint256 indexed selector,
        uint256[] payload,
        uint256 nonce,
        uint256 fee
    );
    event ConsumedMessageToL1(uint256 indexed fromAddress, address indexed toAddress, uint256[] payload);
    event ConsumedMessageToL2(
        address indexed fromAddress,
        uint256 indexed toAddress,
        uint256 indexed selector,
        uint256[] payload,
        uint256 nonce
    );
    event MessageToL2CancellationStarted(
        address indexed fromAddress,
        uint256 indexed toAddress,
        uint256 indexed selector,
        uint256[] payload,
        uint256 nonce
    );
    event MessageToL2Canceled(
        address indexed fromAddress,
        uint256 indexed toAddress,
        uint256 indexed selector,
        uint256[] payload,
        uint256 nonce
    );

    bytes32 private constant TO_L2 = keccak256("STARKNET_1.0_MSGING_L1TOL2_MAPPPING_V2");
    bytes32 private constant TO_L1 = keccak256("STARKNET_1.0_MSGING_L2TOL1_MAPPPING");
    bytes32 private constant NONCE = keccak256("STARKNET_1.0_MSGING_L1TOL2_NONCE");
    bytes32 private constant CANCELLATIONS = keccak256("STARKNET_1.0_MSGING_L1TOL2_CANCELLATION_MAPPPING");
    bytes32 private constant CANCELLATION_DELAY = keccak256("STARKNET_1.0_MSGING_L1TOL2_CANCELLATION_DELAY");

    uint256 private constant MOST_FEE = 1 ether;
    /// From, to, payload's length.
    uint256 private constant PREFIX_TO_L1 = 3;
    /// From, to, nonce, selector, payload's length.
    uint256 private constant PREFIX_TO_L2 = 5;

    function getMaxL1MsgFee() external pure returns (uint256) {
        return MOST_FEE;
    }

    /// The fee and one; zero where no such message waits.
    function l1ToL2Messages(bytes32 message) external view returns (uint256) {
        return countsAt(TO_L2).count[message];
    }

    /// How many times the message waits.
    function l2ToL1Messages(bytes32 message) external view returns (uint256) {
        return countsAt(TO_L1).count[message];
    }

    function l1ToL2MessageNonce() public view returns (uint256) {
        return uintAt(NONCE).value;
    }

    function messageCancellationDelay() public view returns (uint256) {
        return uintAt(CANCELLATION_DELAY).value;
    }

    /// When its sender asked for it back, for the last time; zero where that was never.
    function l1ToL2MessageCancellations(bytes32 message) external view returns (uint256) {
        return countsAt(CANCELLATIONS).count[message];
    }

    function sendMessageToL2(uint256 toAddress, uint256 selector, uint256[] calldata payload)
        external
        payable
        returns (bytes32, uint256)
    {
        require(msg.value > 0, "L1_MSG_FEE_MUST_BE_GREATER_THAN_0");
        require(msg.value <= MOST_FEE, "MAX_L1_MSG_FEE_EXCEEDED");
        uint256 nonce = l1ToL2MessageNonce();
        uintAt(NONCE).value = nonce + 1;
        emit LogMessageToL2(msg.sender, toAddress, selector, payload, nonce, msg.value);
        bytes32 message = _ownMessage(toAddress, selector, payload, nonce);
        countsAt(TO_L2).count[message] = msg.value + 1;
        return (message, nonce);
    }

    function consumeMessageFromL2(uint256 fromAddress, uint256[] calldata payload) external returns (bytes32) {
        bytes32 message =
            keccak256(abi.encodePacked(fromAddress, uint256(uint160(msg.sender)), payload.length, payload));
        require(countsAt(TO_L1).count[message] > 0, "INVALID_MESSAGE_TO_CONSUME");
        emit ConsumedMessageToL1(fromAddress, msg.sender, payload);
        countsAt(TO_L1).count[message] -= 1;
        return message;
    }

    /// Does not keep an update from consuming the message meanwhile.
    function startL1ToL2MessageCancellation(
        uint256 toAddress,
        uint256 selector,
        uint256[] calldata payload,
        uint256 nonce
    ) external returns (bytes32) {
        emit MessageToL2CancellationStarted(msg.sender, toAddress, selector, payload, nonce);
        bytes32 message = _ownMessage(toAddress, selector, payload, nonce);
        require(countsAt(TO_L2).count[message] > 0, "NO_MESSAGE_TO_CANCEL");
        countsAt(CANCELLATIONS).count[message] = block.timestamp;
        return message;
    }

    function cancelL1ToL2Message(uint256 toAddress, uint256 selector, uint256[] calldata payload, uint256 nonce)
        external
        returns (bytes32)
    {
        emit MessageToL2Canceled(msg.sender, toAddress, selector, payload, nonce);
        bytes32 message = _ownMessage(toAddress, selector, payload, nonce);
        require(countsAt(TO_L2).count[message] != 0, "NO_MESSAGE_TO_CANCEL");
        uint256 askedAt = countsAt(CANCELLATIONS).count[message];
        require(askedAt != 0, "MESSAGE_CANCELLATION_NOT_REQUESTED");
        require(block.timestamp >= askedAt + messageCancellationDelay(), "MESSAGE_CANCELLATION_NOT_ALLOWED_YET");
        countsAt(TO_L2).count[message] = 0;
        return message;
    }

    function _setCancellationDelay(uint256 delaySeconds) internal {
        uintAt(CANCELLATION_DELAY).value = delaySeconds;
    }

    /// Puts down the messages to L1 that `rest` begins with, and tells how many words they take.
    function _takeMessagesToL1(uint256[] calldata rest) internal returns (uint256) {
        uint256 segmentEnd = 1 + _segmentWords(rest);
        uint256 index = 1;
        while (index < segmentEnd) {
            uint256 end = ProgramOutput.messageEnd(rest, index, PREFIX_TO_L1);
            uint256[] calldata words = rest[index:end];
            emit LogMessageToL1(words[0], address(uint160(words[1])), words[PREFIX_TO_L1:]);
            countsAt(TO_L1).count[keccak256(abi.encodePacked(words))] += 1;
            index = end;
        }
        require(index == segmentEnd, "INVALID_MESSAGE_SEGMENT_SIZE");
        return index;
    }

    /// Consumes the messages to L2 that `rest` begins with, pays out their fees, and tells how many words they take.
    function _consumeMessagesToL2(uint256[] calldata rest, address collector) internal returns (uint256) {
        uint256 segmentEnd = 1 + _segmentWords(rest);
        uint256 index = 1;
        uint256 fees = 0;
        while (index < segmentEnd) {
            uint256 end = ProgramOutput.messageEnd(rest, index, PREFIX_TO_L2);
            fees += _consumeMessageToL2(rest[index:end]);
            index = end;
        }
        require(index == segmentEnd, "INVALID_MESSAGE_SEGMENT_SIZE");
        if (fees > 0) {
            (bool paid,) = collector.call{value: fees}("");
            require(paid, "ETH_TRANSFER_FAILED");
        }
        return index;
    }

    function _consumeMessageToL2(uint256[] calldata words) private returns (uint256 fee) {
        bytes32 message = keccak256(abi.encodePacked(words));
        uint256 feeAndOne = countsAt(TO_L2).count[message];
        require(feeAndOne > 0, "INVALID_MESSAGE_TO_CONSUME");
        emit ConsumedMessageToL2(address(uint160(words[0])), words[1], words[3], words[PREFIX_TO_L2:], words[2]);
        countsAt(TO_L2).count[message] = 0;
        return feeAndOne - 1;
    }

    function _segmentWords(uint256[] calldata rest) private pure returns (uint256 words) {
        words = rest[0];
        require(words < ProgramOutput.TOO_MANY, "INVALID_MESSAGE_SEGMENT_SIZE");
    }

    /// The hash of a message of the sender's.
    function _ownMessage(uint256 toAddress, uint256 selector, uint256[] calldata payload, uint256 nonce)
        private
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encodePacked(uint256(uint160(msg.sender)), toAddress, nonce, selector, payload.length, payload)
        );
    }
}
