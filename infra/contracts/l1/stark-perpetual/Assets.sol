// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {common} from "./Storage.sol";

interface IToken {
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// What an asset type stands for, and how amounts of it are moved. An amount is a number of quanta.
abstract contract Assets {
    bytes4 internal constant ETHER = bytes4(keccak256("ETH()"));
    bytes4 internal constant ERC20 = bytes4(keccak256("ERC20Token(address)"));

    /// A selector, and for a token its address as a word.
    uint256 private constant TOKEN_INFO_LENGTH = 36;

    function getAssetInfo(uint256 assetType) public view returns (bytes memory assetInfo) {
        require(common().registeredAssetType[assetType], "ASSET_TYPE_NOT_REGISTERED");
        return common().assetInfo[assetType];
    }

    function getQuantum(uint256 presumedAssetType) public view returns (uint256) {
        return common().registeredAssetType[presumedAssetType] ? common().quantum[presumedAssetType] : 1;
    }

    function _kindOf(bytes memory info) internal pure returns (bytes4 kind) {
        assembly ("memory-safe") {
            kind := and(mload(add(info, 0x20)), shl(224, 0xffffffff))
        }
    }

    function _checkInfo(bytes memory info) internal view {
        require(info.length >= 4, "INVALID_ASSET_STRING");
        bytes4 kind = _kindOf(info);
        require(kind == ETHER || kind == ERC20, "UNSUPPORTED_TOKEN_TYPE");
        require(info.length == (kind == ETHER ? 4 : TOKEN_INFO_LENGTH), "INVALID_ASSET_STRING");
        if (kind == ERC20) require(_tokenOf(info).code.length > 0, "BAD_TOKEN_ADDRESS");
    }

    function _fromQuantized(uint256 assetType, uint256 quanta) internal view returns (uint256 amount) {
        uint256 quantum = getQuantum(assetType);
        unchecked {
            amount = quanta * quantum;
        }
        require(amount / quantum == quanta, "DEQUANTIZATION_OVERFLOW");
    }

    function _toQuantized(uint256 assetType, uint256 amount) internal view returns (uint256) {
        uint256 quantum = getQuantum(assetType);
        require(amount % quantum == 0, "INVALID_AMOUNT");
        return amount / quantum;
    }

    function _transferIn(uint256 assetType, uint256 quanta) internal {
        bytes memory info = getAssetInfo(assetType);
        uint256 amount = _fromQuantized(assetType, quanta);
        if (_kindOf(info) == ETHER) {
            require(msg.value == amount, "INCORRECT_DEPOSIT_AMOUNT");
            return;
        }
        if (amount == 0) return;
        IToken token = IToken(_tokenOf(info));
        uint256 before = token.balanceOf(address(this));
        _callToken(address(token), abi.encodeCall(token.transferFrom, (msg.sender, address(this), amount)));
        require(token.balanceOf(address(this)) == before + amount, "INCORRECT_AMOUNT_TRANSFERRED");
    }

    function _transferOut(address recipient, uint256 assetType, uint256 quanta) internal {
        require(recipient != address(0), "INVALID_RECIPIENT");
        bytes memory info = getAssetInfo(assetType);
        uint256 amount = _fromQuantized(assetType, quanta);
        if (_kindOf(info) == ETHER) {
            (bool done,) = recipient.call{value: amount}("");
            require(done, "ETH_TRANSFER_FAILED");
            return;
        }
        if (amount == 0) return;
        IToken token = IToken(_tokenOf(info));
        uint256 before = token.balanceOf(address(this));
        _callToken(address(token), abi.encodeCall(token.transfer, (recipient, amount)));
        require(token.balanceOf(address(this)) == before - amount, "INCORRECT_AMOUNT_TRANSFERRED");
    }

    /// Some tokens answer nothing where the standard has them answer true.
    function _callToken(address token, bytes memory data) private {
        (bool done, bytes memory answer) = token.call(data);
        require(done, string(answer));
        if (answer.length > 0) require(abi.decode(answer, (bool)), "TOKEN_OPERATION_FAILED");
    }

    function _tokenOf(bytes memory info) private pure returns (address token) {
        assembly ("memory-safe") {
            token := mload(add(info, 0x24))
        }
    }
}
