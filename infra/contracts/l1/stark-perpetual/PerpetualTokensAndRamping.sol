// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CANCEL_DELAY, PRIME} from "./Constants.sol";
import {Thawing} from "./Freezing.sol";
import {Keys} from "./Keys.sol";
import {MainGovernance} from "./Offices.sol";
import {Part} from "./Part.sol";
import {StarkCurve} from "./StarkCurve.sol";
import {common, perpetual} from "./Storage.sol";
import {Withdrawable} from "./Withdrawable.sol";

/// The way in and out: the one asset, the owners of keys, deposits and withdrawals. A deposit waits until a batch takes it in;
/// until then its owner may cancel it, and have it back two days later, whether a batch that counts on it was proved or not.
contract PerpetualTokensAndRamping is Part, MainGovernance, Thawing, Keys, Withdrawable {
    event LogTokenRegistered(uint256 assetType, bytes assetInfo, uint256 quantum);
    event LogTokenAdminAdded(address tokenAdmin);
    event LogTokenAdminRemoved(address tokenAdmin);
    event LogSystemAssetType(uint256 assetType);
    event LogUserRegistered(address ethKey, uint256 starkKey, address sender);
    event LogDeposit(
        address depositorEthKey,
        uint256 starkKey,
        uint256 vaultId,
        uint256 assetType,
        uint256 nonQuantizedAmount,
        uint256 quantizedAmount
    );
    event LogDepositCancel(uint256 starkKey, uint256 vaultId, uint256 assetId);
    event LogDepositCancelReclaimed(
        uint256 starkKey, uint256 vaultId, uint256 assetType, uint256 nonQuantizedAmount, uint256 quantizedAmount
    );
    event LogWithdrawalPerformed(
        uint256 ownerKey, uint256 assetType, uint256 nonQuantizedAmount, uint256 quantizedAmount, address recipient
    );

    /// Asset types are hashes, cut to what is below the field's order.
    uint256 private constant TYPE_MASK = 2 ** 250 - 1;
    /// The one asset is counted in its smallest units.
    uint256 private constant QUANTUM = 1;
    /// r, s and the key's y.
    uint256 private constant STARK_SIGNATURE_LENGTH = 96;

    modifier onlyTokensAdmin() {
        require(isTokenAdmin(msg.sender), "ONLY_TOKENS_ADMIN");
        _;
    }

    function identify() external pure override returns (string memory) {
        return "StarkWare_PerpetualTokensAndRamping_2022_2";
    }

    function isTokenAdmin(address testedAdmin) public view returns (bool) {
        return common().tokenAdmins[testedAdmin];
    }

    function registerTokenAdmin(address newAdmin) external onlyGovernance {
        common().tokenAdmins[newAdmin] = true;
        emit LogTokenAdminAdded(newAdmin);
    }

    function unregisterTokenAdmin(address oldAdmin) external onlyGovernance {
        common().tokenAdmins[oldAdmin] = false;
        emit LogTokenAdminRemoved(oldAdmin);
    }

    function isAssetRegistered(uint256 assetType) external view returns (bool) {
        return common().registeredAssetType[assetType];
    }

    function getSystemAssetType() external view returns (uint256) {
        return perpetual().systemAssetType;
    }

    function registerToken(uint256, bytes calldata) external pure {
        revert("UNSUPPORTED_FUNCTION");
    }

    function registerToken(uint256, bytes calldata, uint256) external pure {
        revert("UNSUPPORTED_FUNCTION");
    }

    /// Once and for all.
    function registerSystemAssetType(uint256 assetType, bytes calldata assetInfo) external onlyTokensAdmin {
        require(perpetual().systemAssetType == 0, "SYSTEM_ASSET_TYPE_ALREADY_SET");
        require(!common().registeredAssetType[assetType], "ASSET_ALREADY_REGISTERED");
        require(assetType < PRIME, "INVALID_ASSET_TYPE");
        uint256 right = uint256(keccak256(abi.encodePacked(assetInfo, QUANTUM))) & TYPE_MASK;
        require(assetType == right, "INVALID_ASSET_TYPE");
        _checkInfo(assetInfo);
        perpetual().systemAssetType = assetType;
        common().registeredAssetType[assetType] = true;
        common().assetInfo[assetType] = assetInfo;
        common().quantum[assetType] = QUANTUM;
        emit LogTokenRegistered(assetType, assetInfo, QUANTUM);
        emit LogSystemAssetType(assetType);
    }

    function registerSender(uint256 starkKey, bytes calldata starkSignature) external {
        registerEthAddress(msg.sender, starkKey, starkSignature);
    }

    function registerEthAddress(address ethKey, uint256 starkKey, bytes calldata starkSignature) public {
        require(starkKey != 0 && starkKey < PRIME, "INVALID_STARK_KEY");
        require(ethKey != address(0), "INVALID_ETH_ADDRESS");
        require(common().ethKeys[starkKey] == address(0), "STARK_KEY_UNAVAILABLE");
        require(StarkCurve.isX(starkKey), "INVALID_STARK_KEY");
        require(starkSignature.length == STARK_SIGNATURE_LENGTH, "INVALID_STARK_SIGNATURE");
        (uint256 r, uint256 s, uint256 y) = abi.decode(starkSignature, (uint256, uint256, uint256));
        uint256 message = uint256(keccak256(abi.encodePacked("UserRegistration:", ethKey, starkKey)));
        StarkCurve.checkSignature(message % StarkCurve.ORDER, r, s, starkKey, y);
        common().ethKeys[starkKey] = ethKey;
        emit LogUserRegistered(ethKey, starkKey, msg.sender);
    }

    function deposit(uint256 starkKey, uint256 assetType, uint256 vaultId) external payable {
        _depositEther(starkKey, assetType, vaultId);
    }

    function depositEth(uint256 starkKey, uint256 assetType, uint256 vaultId) external payable {
        _depositEther(starkKey, assetType, vaultId);
    }

    function deposit(uint256 starkKey, uint256 assetType, uint256 vaultId, uint256 quantizedAmount) external {
        _deposit(starkKey, assetType, vaultId, quantizedAmount);
    }

    function depositERC20(uint256 starkKey, uint256 assetType, uint256 vaultId, uint256 quantizedAmount) external {
        _deposit(starkKey, assetType, vaultId, quantizedAmount);
    }

    /// Also while the exchange is frozen.
    function depositCancel(uint256 starkKey, uint256 assetId, uint256 vaultId) external onlyKeyOwner(starkKey) {
        require(common().deposits[starkKey][assetId][vaultId] > 0, "DEPOSIT_DOESNT_EXIST");
        common().cancelledAt[starkKey][assetId][vaultId] = block.timestamp;
        emit LogDepositCancel(starkKey, vaultId, assetId);
    }

    /// Also while the exchange is frozen.
    function depositReclaim(uint256 starkKey, uint256 assetType, uint256 vaultId) external onlyKeyOwner(starkKey) {
        uint256 cancelledAt = common().cancelledAt[starkKey][assetType][vaultId];
        require(cancelledAt != 0, "DEPOSIT_NOT_CANCELED");
        require(block.timestamp >= cancelledAt + CANCEL_DELAY, "DEPOSIT_LOCKED");
        uint256 quanta = common().deposits[starkKey][assetType][vaultId];
        common().deposits[starkKey][assetType][vaultId] = 0;
        common().cancelledAt[starkKey][assetType][vaultId] = 0;
        _transferOut(msg.sender, assetType, quanta);
        emit LogDepositCancelReclaimed(starkKey, vaultId, assetType, _fromQuantized(assetType, quanta), quanta);
    }

    function getDepositBalance(uint256 starkKey, uint256 assetId, uint256 vaultId) external view returns (uint256) {
        return _fromQuantized(assetId, common().deposits[starkKey][assetId][vaultId]);
    }

    function getQuantizedDepositBalance(uint256 starkKey, uint256 assetId, uint256 vaultId)
        external
        view
        returns (uint256)
    {
        return common().deposits[starkKey][assetId][vaultId];
    }

    function getCancellationRequest(uint256 starkKey, uint256 assetId, uint256 vaultId)
        external
        view
        returns (uint256)
    {
        return common().cancelledAt[starkKey][assetId][vaultId];
    }

    function getWithdrawalBalance(uint256 ownerKey, uint256 assetId) external view returns (uint256) {
        return _fromQuantized(assetId, common().withdrawals[ownerKey][assetId]);
    }

    /// By anyone, to the owner; also while the exchange is frozen.
    function withdraw(uint256 ownerKey, uint256 assetType) external {
        address recipient = _ownerOf(ownerKey);
        uint256 quanta = common().withdrawals[ownerKey][assetType];
        common().withdrawals[ownerKey][assetType] = 0;
        _transferOut(recipient, assetType, quanta);
        uint256 amount = _fromQuantized(assetType, quanta);
        emit LogWithdrawalPerformed(ownerKey, assetType, amount, quanta, recipient);
    }

    function _depositEther(uint256 key, uint256 assetType, uint256 vault) private {
        require(_kindOf(getAssetInfo(assetType)) == ETHER, "INVALID_ASSET_TYPE");
        _deposit(key, assetType, vault, _toQuantized(assetType, msg.value));
    }

    /// By the key's owner it takes back a cancellation.
    function _deposit(uint256 key, uint256 assetType, uint256 vault, uint256 quanta) private notFrozen {
        uint256 sum;
        unchecked {
            sum = common().deposits[key][assetType][vault] + quanta;
        }
        require(sum >= quanta, "DEPOSIT_OVERFLOW");
        common().deposits[key][assetType][vault] = sum;
        if (msg.sender == getEthKey(key)) common().cancelledAt[key][assetType][vault] = 0;
        _transferIn(assetType, quanta);
        emit LogDeposit(msg.sender, key, vault, assetType, _fromQuantized(assetType, quanta), quanta);
    }
}
