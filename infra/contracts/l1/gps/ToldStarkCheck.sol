// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// In the place of the contract that checks a STARK proof: it takes any, until it is told to refuse.
contract ToldStarkCheck {
    /// Where in the public input its pages begin.
    uint256 private constant PAGES_AT = 26;
    /// The layout has all eight builtins.
    uint256 private constant BUILTINS = 0xff;

    bool public refuses;

    function tell(bool refuse) external {
        refuses = refuse;
    }

    function getLayoutInfo() external pure returns (uint256 publicMemoryOffset, uint256 selectedBuiltins) {
        return (PAGES_AT, BUILTINS);
    }

    function verifyProofExternal(uint256[] calldata, uint256[] calldata, uint256[] calldata) external view {
        require(!refuses, "PROOF_REFUSED");
    }
}
