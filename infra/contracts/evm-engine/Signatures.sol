// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// EIP-712 hashing for one domain, and signatures that exist in one form only.
abstract contract Signatures {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// Half of secp256k1's order: with a greater s the same signature could be written in two ways (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    uint256 private immutable deployedChainId = block.chainid;
    bytes32 private immutable deployedSeparator = _separator();

    /// Follows a fork of the chain to its new id.
    function domainSeparator() public view returns (bytes32) {
        return block.chainid == deployedChainId ? deployedSeparator : _separator();
    }

    function _separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("PerpMark"), keccak256("1"), block.chainid, address(this))
        );
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// Who signed; zero where it is no signature, or one with a high s, or a v other than 27 and 28.
    function _recover(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (address) {
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) return address(0);
        return ecrecover(digest, v, r, s);
    }
}
